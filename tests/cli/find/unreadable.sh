# A directory entry that leads nowhere is said and passed over.
mkdir news
ln -s nowhere news/link.txt
printf '%s\n' "$ferry" >news/a.txt
printf '%s\n' "$ferry" >news/b.txt
wirecopy find -q news | wc -l
echo "status ${PIPESTATUS[0]}"
# That nothing else is there goes without saying.
rm news/[ab].txt
wirecopy find -q news
echo "status $?"
