# --name VALUE, --name=VALUE, -nVALUE, joined flags, --no-flag; the last wins.
stories >in.jsonl
wirecopy find -q in.jsonl >one
wirecopy find -qt0.8 in.jsonl | cmp - one
wirecopy find --quiet --threshold 0.8 in.jsonl | cmp - one
wirecopy find in.jsonl --threshold=0.8 -q | cmp - one
wirecopy find -t 1 -q -t .8 in.jsonl | cmp - one
wirecopy find -q -v --no-verbose in.jsonl | cmp - one
wirecopy find -q --max-document 64M in.jsonl | cmp - one
