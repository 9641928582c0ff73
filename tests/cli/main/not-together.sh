# Options that would have no effect are mistakes, and what they need is said.
echo '{"text":"x"}' >in.jsonl
while read -r args; do
    wirecopy $args in.jsonl
    echo "$args: status $?"
done <<'END'
find --distance 4
find -d4
pairs --signature minhash-classic -d 2
find --signature simhash --recall 0.9
find --columns text,id --input-format jsonl
dedup --columns text --input-format text
find --input-format text --title-field name
eval --gold gold.tsv --max-errors 4
dedup --format csv
dedup -f csv
compare --recall 0.9
compare --files-from list
END
# These go together.
printf 'x,y\n' >in.csv
for args in '--signature simhash -d 4 -t .5 --text-field y' '--columns text,id' \
    '--input-format csv --text-field x' '--input-format text -q'; do
    wirecopy find -q $args in.csv
    echo "$args: status $?"
done
wirecopy find --keep first in.jsonl
wirecopy passages -t 0.5 in.jsonl
wirecopy sign --gold gold.tsv in.jsonl
