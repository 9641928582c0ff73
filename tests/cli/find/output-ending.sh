# The name of the output says its format, which --format does not contradict.
stories >in.jsonl
for name in r.csv r.tsv r.jsonl r.csv.gz R.CSV.GZ r r.txt r.txt.gz r.json .csv; do
    wirecopy find -q -o $name in.jsonl
    echo "$name: $(zcat -f $name | head -c 24)"
done
for name in s.csv s.jsonl s.json.gz s.txt s; do
    wirecopy find -q -f jsonl -o $name in.jsonl
    echo "$name: status $?"
done
wirecopy find -q -f table -o s.tsv in.jsonl
ls s*
wirecopy pairs -q -o p.csv in.jsonl
head -n 1 p.csv
