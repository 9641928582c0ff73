# Only these pairs count; c1 c2 is found, but has no label.
gold 'a b label' 'a1 a2 1' 'a3 a1 0' 'a1 c1 1' 'b1 c1 0'
stories | wirecopy eval -q -g gold.tsv
