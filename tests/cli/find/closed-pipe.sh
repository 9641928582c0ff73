# A reader that has seen enough is a quiet end.
for ((i = 0; i < 3000; i++)); do
    echo "{\"id\":\"$i\",\"text\":\"story $((i / 2)) of the $((i / 2 * 7919)) ships\"}"
done >in.jsonl
wirecopy find -q in.jsonl | head -n 1
echo "statuses ${PIPESTATUS[*]}"
