# Files of records follow each other; one without a last line end does not
# run into the next.
{ record a1 "$bridge"; printf '{"id":"b1","text":"%s"}' "$library"; } >1.jsonl
{ record a2 "$bridge"; record c1 "$ferry"; } >2.jsonl
wirecopy dedup -q 1.jsonl 2.jsonl | cut -c 1-10
