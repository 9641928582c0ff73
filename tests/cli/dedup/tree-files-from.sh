# What was listed keeps its path, but never leads out of the folder.
mkdir -p work/news/x other
printf '%s\n' "$bridge" >work/news/x/a.txt
printf '%s\n' "$library" >work/b.txt
printf '%s\n' "$ferry" >other/c.txt
printf 'Nothing else is like this line of a few words.\n' >other/d.txt
printf 'Another line that is like nothing else in here.\n' >work/.e..txt
cd work
printf '%s\n' ./news ./b.txt ../other/c.txt "$PWD/../other/d.txt" \
    .e..txt >list
wirecopy dedup -q --files-from list -o clean/
echo "status $?"
find clean -type f | sort
# Beside an operand.
echo ../work/b.txt | wirecopy dedup -q news --files-from - -o both/
find both -type f | sort
