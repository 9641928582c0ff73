: >in.jsonl
wirecopy dedup in.jsonl -o out
echo "status $?"
wc -c <out
