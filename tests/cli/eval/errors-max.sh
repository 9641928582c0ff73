gold 'a1 1' 'a2 2' 'a3 3' 'c1 4' 'c2 4' 'b1 4'
stories | wirecopy eval -q -g gold.tsv --errors wrong.jsonl --max-errors=1
cat wrong.jsonl
