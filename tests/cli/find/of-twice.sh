# Of two only the last would count.
stories >in.jsonl
wirecopy find --of a1 --of b1 in.jsonl
echo "status $?"
wirecopy pairs --of a1 --of=a1 in.jsonl
echo "status $?"
