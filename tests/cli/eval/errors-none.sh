# No mistakes: the file is there and empty.
gold 'a1 1' 'a2 1' 'a3 1' 'c1 4' 'c2 4'
stories | wirecopy eval -q -g gold.tsv --errors wrong.jsonl
wc -c <wrong.jsonl | tr -d ' '
