# An archive cannot be written again.
paper news
tar cf news.tar news
wirecopy dedup news.tar -o out
echo "status $?"
ls
