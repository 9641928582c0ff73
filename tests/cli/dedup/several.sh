# Files of records follow each other; one without a last line end does not
# run into the next, and a byte-order mark stands only at the start.
{ record a1 "$bridge"; printf '{"id":"b1","text":"%s"}' "$library"; } >1.jsonl
{ printf '\xEF\xBB\xBF'; record a2 "$bridge"; record c1 "$ferry"; } >2.jsonl
printf '{"id":"d1","text":"Something else"}' >3.jsonl
: >4.jsonl
{ record a3 "$bridge"; } >5.jsonl
wirecopy dedup -q [1-5].jsonl >out
cut -c 1-10 out
tail -c 5 out | od -An -c
for i in 1 3; do iconv -f UTF-8 -t UTF-16BE $i.jsonl >$i.utf16.jsonl; done
wirecopy dedup -q ?.utf16.jsonl | iconv -f UTF-16BE -t UTF-8 | cut -c 1-10
