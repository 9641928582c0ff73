# Files that were cut wait in --tmpdir; what cannot be is said, and nothing is
# written.
paper news
printf 'Again. %s\n' "$ferry" >news/south/c3.txt
wirecopy dedup -q --passages news -o clean/ --tmpdir none
echo "status $?"
ls
mkdir tmp
TMPDIR=tmp wirecopy dedup -q --passages news -o clean/
echo "status $?"
find clean tmp -type f | sort
cat clean/south/c3.txt
