# In place: the file is read whole before it is replaced.
stories >in.jsonl
stories | wirecopy dedup -q >want
wirecopy dedup -q in.jsonl -o in.jsonl
echo "status $?"
cmp in.jsonl want && echo same
