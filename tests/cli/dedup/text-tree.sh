# The files that stay are copied, with their folders and modes.
paper news
chmod 640 news/a1.txt
mkdir -p news/empty
wirecopy dedup news -o clean/ --removed gone.jsonl
echo "status $?"
find clean | sort
cmp news/a1.txt clean/a1.txt
stat -c '%a %n' clean/a1.txt
cat gone.jsonl
