gold 'a1 1' 'a2 1' 'b1 1' 'c1 2'
stories | wirecopy eval -g gold.tsv | wc -l | tr -d ' '
