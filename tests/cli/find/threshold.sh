# The value is the least that counts.
{ record a "$ferry"; record b "$ferry_cut"; } >in.jsonl
wirecopy find -q in.jsonl | grep -o '"weakest":[0-9.]*'
for t in 0.89 0.9 1; do
    echo "$t: $(wirecopy find -q -t $t --relations identical,reprint in.jsonl | wc -l)"
done
wirecopy find -q --threshold=0.5 in.jsonl | wc -l
