# The name of the output says its format, unless --format does.
stories >in.jsonl
for name in r.csv r.tsv r.jsonl r.csv.gz R.CSV.GZ r r.txt .csv; do
    wirecopy find -q -o $name in.jsonl
    echo "$name: $(zcat -f $name | head -c 24)"
done
wirecopy find -q -f jsonl -o r.csv in.jsonl
head -c 24 r.csv
echo
wirecopy pairs -q -o p.csv in.jsonl
head -n 1 p.csv
