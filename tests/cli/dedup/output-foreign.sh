# What is kept stays what it was, and the list of what is not is JSONL.
stories >in.jsonl
mkdir d.md d && echo "$ferry" >d/a.txt
for name in r.xml r.parquet r.tar.gz r.Z r.wcs; do
    wirecopy dedup -q in.jsonl -o $name
    echo "$name: status $?"
done
for name in r.csv r.tsv.gz r.html r.zip; do
    wirecopy dedup -q in.jsonl --removed $name
    echo "$name: status $?"
done
wirecopy dedup -q d -o d.md
wirecopy dedup -q d -o e.xml/
find . -name '?.*' | sort
