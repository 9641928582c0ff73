# A file that is there already is not overwritten.
paper news
mkdir -p clean/north
echo mine >clean/north/b1.txt
wirecopy dedup news -o clean
echo "status $?"
cat clean/north/b1.txt
find clean -name '.*'
