gold 'copy original relation' 'a2 a1 identical' 'a3 a1 reprint' 'b1 a1 none' \
    'c2 c1 abridged'
stories | wirecopy eval -q -g gold.tsv
