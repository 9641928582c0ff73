# Not on a terminal: JSONL, whether to a pipe or a file.
stories >in.jsonl
wirecopy find -q in.jsonl | cmp - <(wirecopy find -q -f jsonl in.jsonl)
wirecopy find -q in.jsonl -o out
cmp out <(wirecopy find -q -f jsonl in.jsonl)
