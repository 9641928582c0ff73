# Only the pairs with one document.
stories >in.jsonl
wirecopy pairs --of a3 in.jsonl
wirecopy pairs --of b1 in.jsonl
wirecopy pairs --of x in.jsonl
echo "status $?"
