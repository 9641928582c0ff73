# A name that promises what is not written; -f says what comes out all the same.
stories >in.jsonl
for name in r.xlsx r.html r.parquet; do
    wirecopy find -q in.jsonl -o $name
    echo "$name: status $?"
done
wirecopy find -q in.jsonl -o r.html -f csv
wirecopy find -q in.jsonl -o r.json
wirecopy dedup -q in.jsonl -o r.xml # which has no formats
wirecopy find -q in.jsonl -o r.zip -f csv
wirecopy dedup -q in.jsonl -o r.tar.gz
wirecopy dedup -q in.jsonl -o r.Z
ls r.*
head -c 12 r.html
