stories >in.jsonl
for t in 0.05 0.5 0.9 0.95 1; do
    echo "$t: $(wirecopy pairs -q -t $t --relations identical,reprint in.jsonl | wc -l)"
done
