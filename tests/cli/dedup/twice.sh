# What was cleaned is clean.
stories >in.jsonl
wirecopy dedup -q in.jsonl -o once.jsonl
wirecopy dedup once.jsonl -o twice.jsonl --removed gone.jsonl
cmp once.jsonl twice.jsonl && echo same
wc -c <gone.jsonl
