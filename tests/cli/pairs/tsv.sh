stories | wirecopy pairs -q -f tsv
