# Nobody counts the pairs that could not be written.
for i in $(seq 150); do record $i "$bridge"; done >in.jsonl
wirecopy pairs in.jsonl -o /dev/full
echo "status $?"
