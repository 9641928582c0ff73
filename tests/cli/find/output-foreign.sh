# A name that promises what is not written, whatever -f says.
stories >in.jsonl
for name in r.xlsx r.html r.parquet r.parquet.gz r.wcs; do
    wirecopy find -q in.jsonl -o $name
    echo "$name: status $?"
done
wirecopy find -q in.jsonl -o r.html -f csv
wirecopy find -q in.jsonl -o r.json
wirecopy find -q in.jsonl -o r.zip -f csv
wirecopy find -q in.jsonl --boilerplate b.csv
echo "status $?"
ls
