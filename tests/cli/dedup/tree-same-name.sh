# Two files that would become one: none is copied.
mkdir -p one/x two/x
printf '%s\n' "$bridge" >one/x/a.txt
printf '%s\n' "$library" >one/x/b.txt
printf '%s\n' "$ferry" >two/x/a.txt
printf 'Nothing else is like this line of a few words.\n' >two/x/b.txt
wirecopy dedup -q one/x/a.txt two/x/a.txt -o clean/
echo "status $?"
wirecopy dedup -q one/x two/x -o clean/
echo "status $?"
ls
# Their folders tell them apart, and so does a list.
wirecopy dedup -q one two -o clean/
echo "status $?"
printf '%s\n' one/x/a.txt two/x/a.txt | wirecopy dedup -q --files-from - -o listed/
echo "status $?"
find clean listed -type f | sort
