# The end of an id from a "/" on, if it is that of one; ids as they stand, and
# below the corpus, come first.
mkdir -p news/north news/south
echo "$bridge" >news/north/a.txt
echo "$ferry" >news/south/a.txt
echo "$library" >news/b.txt
echo "$bridge_typo" >news/south/b.txt
for id in south/a.txt b.txt news/b.txt; do
    wirecopy compare "news#$id" news/b.txt -f jsonl | cut -d, -f1-3
done
wirecopy compare news#a.txt news/b.txt
echo "status $?"
wirecopy compare news#.txt news/b.txt
echo "status $?"
wirecopy compare news news/b.txt
echo "status $?"
{ record x/a "$bridge"; record y/a "$ferry"; record a "$library"; record z/y/a .; } >in.jsonl
wirecopy compare in.jsonl#a in.jsonl#y/a -f jsonl | cut -d, -f1-3
