# Records come out as they are, whatever the name of the output promises.
stories >in.jsonl
wirecopy dedup -o out.csv in.jsonl 2>&1 | sed 's/, [^ ]* kB .*)//'
echo "status ${PIPESTATUS[0]}"
wirecopy dedup -o out.jsonl.gz in.jsonl 2>&1 | sed 's/, [^ ]* kB .*)//'
wirecopy dedup -q -o out.csv in.jsonl
wirecopy find -q -f csv in.jsonl | sed 's/weakest/text/' >rows.csv
wirecopy dedup -o out.tsv rows.csv 2>&1 | head -n 1
