# A file that is not there is said; the others are done.
stories >in.jsonl
wirecopy dedup in.jsonl none.jsonl -o out
echo "status $?"
wc -l <out
wirecopy dedup --strict in.jsonl none.jsonl -o strict
echo "status $?"
ls
