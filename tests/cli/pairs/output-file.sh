stories >in.jsonl
wirecopy pairs -q -o out.tsv -f tsv in.jsonl
cmp out.tsv <(wirecopy pairs -q -f tsv in.jsonl)
ls
