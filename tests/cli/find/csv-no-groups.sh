# The header is there even if nothing else is.
record one "$ferry" | wirecopy find -q -f csv
record one "$ferry" | wirecopy find -q -f tsv
