# A reader that has seen enough is no failure.
for i in $(seq 400); do
    echo "{\"text\":\"one two three four five six seven eight $i\"}"
done >in.jsonl
wirecopy sign -q in.jsonl | head -c 4 >/dev/null
echo "${PIPESTATUS[@]}"
