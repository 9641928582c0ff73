gold 'a1 1' 'x9 1'
stories | wirecopy eval -q -g gold.tsv --strict
