stories | wirecopy eval -g no-such.tsv
