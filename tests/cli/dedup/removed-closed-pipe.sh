# A reader that has seen enough is no failure, and the list of what was removed
# is whole all the same.
for i in {1..3000}; do
    printf '{"id":"d%s","text":"%s %s %s"}\n' $i $((i * 7919)) $((i * 104729)) $((i * 1299709))
    [ $((i % 1000)) != 0 ] || stories | sed "s/\"id\":\"/&$i-/"
done >in.jsonl
wirecopy dedup -q in.jsonl --removed gone.jsonl | head -c 1
echo "${PIPESTATUS[0]}"
cut -d, -f1,2 gone.jsonl
