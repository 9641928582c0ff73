# By date, then id; a before b; the order of the input changes nothing.
stories >in.jsonl
wirecopy pairs -q in.jsonl | cmp - <(tac in.jsonl | wirecopy pairs -q)
for id in 9 10 Z a; do record $id "$ferry" '' 2019-03-03; done |
    wirecopy pairs -q -f tsv | cut -f 1,2
