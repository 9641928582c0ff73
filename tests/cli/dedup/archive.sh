# What is in an archive is neither listed nor copied.
paper news
tar cf news.tar news
rm -r news
wirecopy dedup news.tar
echo "status $?"
wirecopy dedup news.tar -o clean/
echo "status $?"
stories >in.jsonl
tar cf in.tar in.jsonl
wirecopy dedup in.tar -o out
echo "status $?"
ls
# It is refused before anything is read.
wirecopy dedup -v in.jsonl in.tar 2>&1
echo "status $?"
