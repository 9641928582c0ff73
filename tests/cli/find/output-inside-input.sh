# What is being written is no input, even in a folder that is walked.
mkdir news
printf '%s\n' "$ferry" >news/a.txt
printf '%s\n' "$ferry" >news/b.txt
wirecopy find -o news/out.jsonl news
wc -l <news/out.jsonl
