# Of text files the paths are listed.
paper news
wirecopy dedup news
echo "status $?"
wirecopy dedup -q news --removed gone.jsonl -o list
cat list gone.jsonl
