# Entities that an archive has left in its texts go with the sentence that they
# indent, and are not cut apart.
echo "$bridge" | sed 's/。/。\n/g' >a.txt
sed 's/^/\&nbsp;\&nbsp;/' a.txt | tr -d '\n' >b.txt
COLUMNS=100 wirecopy compare -f table --full a.txt b.txt | tail -n +8
