# What was written into the folder the last time is no input.
mkdir news
stories >news/a.jsonl
wirecopy find -q news -o news/groups.jsonl
cp news/groups.jsonl first
wirecopy find -q news -o news/groups.jsonl
cmp first news/groups.jsonl
