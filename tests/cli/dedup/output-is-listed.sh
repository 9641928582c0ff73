# Neither is what a list names replaced by an output.
paper news
find news -type f | LC_ALL=C sort >list
wirecopy dedup -q --files-from list -o news/z.txt
echo "status $?"
wirecopy dedup -q --files-from list --removed ./news/z.txt
echo "status $?"
printf '%s\r\n' "$bridge_typo" | cmp - news/z.txt && echo same
ls -A news
