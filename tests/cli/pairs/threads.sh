# The number of threads changes nothing in what is written.
letters=abc
for ((i = 0; i < 3000; i++)); do
    n=$((i / 3 + 1))
    record $i "$((n * 104729)) $((n * n * 7919)) $((n * n * n * 31337)) ${letters:i % 3:1}"
done >in.jsonl
wirecopy pairs -q -t 0.5 -j 1 in.jsonl >one
wc -l <one
for j in 2 8; do wirecopy pairs -q -t 0.5 -j $j in.jsonl | cmp - one; done
