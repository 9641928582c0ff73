# An input is never replaced.
stories >in.jsonl
wirecopy dedup -q in.jsonl -o in.jsonl
echo "status $?"
stories | cmp - in.jsonl && echo untouched
