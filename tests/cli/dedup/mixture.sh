# Texts and records in one run: refused, and nothing is left.
paper news
stories >news/records.jsonl
wirecopy dedup news -o out
echo "status $?"
ls
