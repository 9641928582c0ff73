# Of a file that breaks off all that could be unpacked is kept.
odd_lines | gzip >in.jsonl.gz
head -c -12 in.jsonl.gz >cut.jsonl.gz
wirecopy dedup cut.jsonl.gz -o out
echo "status $?"
odd_lines | sed '/"a2"/d; /"a3"/d' >want
head -c "$(wc -c <out)" want | cmp - out && echo "a beginning of it"
[ "$(wc -l <out)" -ge 7 ] && echo "all the lines"
