# Nothing to compare: null, and last.
gold 'a1 1' 'a2 1' 'a3 1' 'e 1' 'c1 1'
{ stories; record e '!?'; } |
    wirecopy eval -q -g gold.tsv --errors wrong.jsonl
cat wrong.jsonl
