gold 'id cluster' 'a1 1' 'a2 1' 'x9 1' 'y9 2' 'x9 1'
stories | wirecopy eval -q -g gold.tsv
