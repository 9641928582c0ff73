# Records come out as they are: a name that says something else is refused.
stories >in.jsonl
wirecopy find -q -f csv in.jsonl | sed 's/weakest/text/' >rows.csv
mkdir d && echo "$ferry" >d/a.txt
try() {
    wirecopy dedup "$@" 2>&1 | sed 's/, [^ ]* k*B .*)//'
    echo "status ${PIPESTATUS[0]}"
}
try -o out.csv in.jsonl
try -o out.tsv.gz rows.csv
try -o out.csv --input-format jsonl <in.jsonl
try -o out.json d/a.txt
try -o out.jsonl.gz in.jsonl
try -o out.txt in.jsonl
try -o out rows.csv
try -o list.csv d
ls
