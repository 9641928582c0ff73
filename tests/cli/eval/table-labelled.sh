gold 'a1 a2 1' 'b1 c1 0'
stories | wirecopy eval -q -g gold.tsv -f table
