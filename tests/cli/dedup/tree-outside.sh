# An input that is called ".." does not lead out of the folder.
mkdir -p a/b other
printf '%s\n' "$ferry" >a/b/c.txt
printf '%s\n' "$library" >other/o.txt
cd a/b
wirecopy dedup -q .. ../../other ../../a/. -o ../../clean/
echo "status $?"
cd ../..
find . -type f | sort
