# What could be read is used, the rest is said, the status is 3.
for ((i = 0; i < 6000; i++)); do
    n=$((i / 2 + 1))
    record $i "$((n * 104729)) $((n * n * 7919)) $((n * n * n * 31337))"
done | gzip -1 >all.jsonl.gz
head -c 60000 all.jsonl.gz >half.jsonl.gz
wirecopy find -q half.jsonl.gz >out
echo "status $?"
[ "$(wc -l <out)" -gt 300 ] || echo "only $(wc -l <out) groups"
# A small file whose name does not say what it is, and a pipe.
head -c 60000 all.jsonl.gz >half
wirecopy find -q half | cmp - <(sed 's/half.jsonl.gz/half/g' out)
wirecopy find -q <half | cmp - <(sed 's/half.jsonl.gz/-/g' out)
