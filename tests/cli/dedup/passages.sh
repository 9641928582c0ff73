# Passages are cut out of records; what is left is the same to the byte, and
# a record of which nothing is left goes.
pages >in.jsonl
wirecopy dedup --passages in.jsonl -o out.jsonl --removed gone.jsonl
echo "status $?"
cat out.jsonl gone.jsonl
check_cuts in.jsonl out.jsonl gone.jsonl
cmp <(sed -n 1p in.jsonl) <(sed -n 1p out.jsonl)
