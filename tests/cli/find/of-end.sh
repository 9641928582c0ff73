# Tables cut ids at their beginnings: what they show leads to the whole id.
record 03-05-ferry-dunvale.txt "$ferry" >in.jsonl
record 03-06-ferry-selwick.txt "$ferry_cut" >>in.jsonl
for id in rry-selwick.txt …rry-selwick.txt .txt …; do
    wirecopy find --of "$id" in.jsonl
    echo "status $?"
done
wirecopy compare -q in.jsonl#rry-selwick.txt in.jsonl#03-05-ferry-dunvale.txt
wirecopy compare -q in.jsonl#.txt in.jsonl#03-05-ferry-dunvale.txt
# After a / the end is the name.
sed 's/03-0/news\/&/' in.jsonl >more.jsonl
wirecopy find -q -f csv --of …/03-06-ferry-selwick.txt more.jsonl
wirecopy find -q -f csv --of 03-06-ferry-selwick.txt more.jsonl | cut -d, -f1-3,5
