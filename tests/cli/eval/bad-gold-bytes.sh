printf 'a1\t1\n\xb0\xc4\t1\n' >gold.tsv
stories | wirecopy eval -g gold.tsv
