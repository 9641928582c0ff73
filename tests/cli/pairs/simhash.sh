stories >in.jsonl
for d in 0 8; do
    echo "distance $d"
    wirecopy pairs -q --signature simhash -d $d -f tsv in.jsonl
done
