# What is in it, and that eval and find take it as it is.
"$generate" -n 60 -l mixed --gold gold -o news.jsonl
cut -c 1-120 news.jsonl | head -n 4 | cut -d '"' -f 1-13
head -n 5 gold
"$WIRECOPY" eval -q -f jsonl --gold gold news.jsonl | cut -d , -f 1,2
"$generate" -n 60 -l mixed | cmp - news.jsonl && echo the same on standard output
