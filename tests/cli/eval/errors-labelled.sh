gold 'c1 c2 0' 'a1 a2 0' 'a1 c1 1' 'a3 a1 0' 'b1 a1 1'
stories | wirecopy eval -q -g gold.tsv --errors wrong.jsonl
cat wrong.jsonl
