# Records cannot go to a folder.
stories >in.jsonl
wirecopy dedup in.jsonl -o clean/
echo "status $?"
ls
