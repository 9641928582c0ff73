stories | wirecopy pairs -q -n 2 -f tsv
