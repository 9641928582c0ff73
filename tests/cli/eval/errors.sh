# False first, the least alike of them first; then missed, the most alike first.
gold 'a1 1' 'a2 2' 'a3 3' 'c1 4' 'c2 4' 'b1 4'
stories | wirecopy eval -q -g gold.tsv -o scores --errors wrong.jsonl
cat scores wrong.jsonl
