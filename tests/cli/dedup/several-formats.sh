# Records of one format make one file.
record a 'a text of its own' >a.jsonl
printf 'id,text\n1,one more text\n' >b.csv
printf 'id\ttext\n2\tand yet another one\n' >c.tsv
printf 'id;text\n3;the last one of all\n' >d.csv
for inputs in 'a.jsonl b.csv' 'b.csv a.jsonl' 'c.tsv b.csv' 'b.csv d.csv'; do
    for how in '' --passages; do
        wirecopy dedup -q $how $inputs -o out
        echo "$inputs: status $?"
    done
done
