# A malformed record before the one that is meant is said, one behind it not.
{ echo '{'; stories; echo '{'; } >in.jsonl
wirecopy compare in.jsonl#a1 in.jsonl#a2
echo "status $?"
wirecopy compare --strict in.jsonl#a1 in.jsonl#a2
echo "status $?"
