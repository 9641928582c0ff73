# By bits, not by Jaccard index, which is shown all the same.
stories >in.jsonl
for d in 0 3 8; do
    echo "distance $d"
    wirecopy find -q --signature simhash -d $d -f tsv in.jsonl | cut -f 1-5,11,12
done
