# Texts and records side by side, below each other; hidden ones left alone.
mkdir -p news/b/c news/.git
printf '%s\n' "$ferry" >news/b/c/text.txt
record r1 "$ferry" >news/a.jsonl
record r2 "$ferry" >news/.git/x.jsonl
wirecopy find -q -f tsv news | cut -f 3,5-7
wirecopy find -f tsv news news/ | wc -l
