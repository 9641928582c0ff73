stories >in.jsonl
wirecopy dedup in.jsonl -o none/out
echo "status $?"
wirecopy dedup in.jsonl -o out --removed none/gone
echo "status $?"
ls
