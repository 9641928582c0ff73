# Nobody counts the passages that could not be written.
for i in $(seq 300); do record $i "$bridge"; done >in.jsonl
wirecopy passages in.jsonl -o /dev/full
echo "status $?"
