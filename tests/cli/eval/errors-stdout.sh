gold 'a1 1'
stories | wirecopy eval -g gold.tsv --errors -
