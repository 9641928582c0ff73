# UTF-16 and UTF-8 do not make one file.
record a1 "$bridge" | iconv -f UTF-8 -t UTF-16LE >1.jsonl
record b1 "$library" >2.jsonl
wirecopy dedup 1.jsonl 2.jsonl -o out
echo "status $?"
ls
