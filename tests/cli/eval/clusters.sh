gold 'a1 1' 'a2 1' 'a3 1' 'c1 3' 'c2 3'
stories | wirecopy eval -q --gold gold.tsv
