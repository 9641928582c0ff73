# What stays is the same to the byte: all but the lines of a2 and a3.
odd_lines >in.jsonl
wirecopy dedup in.jsonl -o out.jsonl --removed gone.jsonl
echo "status $?"
odd_lines | sed '/"a2"/d; /"a3"/d' | cmp - out.jsonl && echo same
cat gone.jsonl
ls -A
