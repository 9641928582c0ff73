# Line 7 of 10 is broken: its place is said, the others are read.
for i in 1 2 3 4 5 6; do record $i "$ferry"; done >in.jsonl
printf '{"id":"7","text":"no end\n' >>in.jsonl
for i in 8 9 10; do record $i "$ferry"; done >>in.jsonl
wirecopy find -f table in.jsonl
