# If a file is there already none is copied.
paper news
mkdir -p clean/north
echo mine >clean/north/b1.txt
wirecopy dedup news -o clean
echo "status $?"
echo mine >clean/a1.txt
wirecopy dedup -q news -o clean/
echo "status $?"
find clean -type f -exec grep -H '' {} + | sort
find clean -name '.*'
# What is no folder is not taken for one.
echo mine >file
ln -s file link
wirecopy dedup -q news -o file/
wirecopy dedup -q news -o link/
cat file
