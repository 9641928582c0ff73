# Labels through a pipe, as "-" or as /dev/stdin; texts cannot come there too.
stories >in.jsonl
gold 'a1 1' 'a2 1' 'a3 1' 'c1 3' 'c2 3'
wirecopy eval -q -g gold.tsv in.jsonl >file
cut -c-40 file
wirecopy eval -q -g - in.jsonl <gold.tsv | cmp - file
sort -r gold.tsv | wirecopy eval -q -g- in.jsonl | cmp - file
sort -r gold.tsv | wirecopy eval -q -g /dev/stdin in.jsonl | cmp - file
for how in '' - '--files-from -'; do
    wirecopy eval -q -g - $how <gold.tsv
    echo "status $?"
done
echo 'no tab' | wirecopy eval -q -g - in.jsonl
echo "status $?"
wirecopy eval -q -g - in.jsonl <&-
echo "status $?"
