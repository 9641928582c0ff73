# What gzip can unpack of a file that breaks off is read to the last line.
for ((i = 0; i < 400; i++)); do
    echo "{\"id\":\"$i\",\"text\":\"story $i of $((i * 7919 % 1000)) ships\"}"
done >in.jsonl
gzip -c in.jsonl | head -c 2500 >cut.jsonl.gz
gzip -dc cut.jsonl.gz 2>/dev/null | sed '$d' >lines.jsonl
wirecopy find -q -t 0.01 cut.jsonl.gz | sed 's/cut.jsonl.gz/lines.jsonl/g' |
    cmp - <(wirecopy find -q -t 0.01 lines.jsonl)
