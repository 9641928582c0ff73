# An input is never replaced.
stories >in.jsonl
wirecopy dedup -q in.jsonl -o in.jsonl
echo "status $?"
stories | cmp - in.jsonl && echo untouched
wirecopy dedup -q in.jsonl >>in.jsonl
echo "status $?"
wirecopy dedup -q <in.jsonl >>in.jsonl
echo "status $?"
stories | cmp - in.jsonl && echo untouched
