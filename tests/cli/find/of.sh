# Only the groups with one document.
stories >in.jsonl
wirecopy find -f table --of a2 in.jsonl
wirecopy find -q -f csv --of c1 in.jsonl | cut -d, -f1-3,5
# A copy of nothing is no mistake, and one that nobody knows is.
wirecopy find --of b1 in.jsonl
echo "status $?"
wirecopy find --of b in.jsonl -o out.jsonl
echo "status $?"
wirecopy find --of '' in.jsonl
echo "status $?"
ls
# Several documents have the id.
{ stories; record b1 "$bridge"; } >more.jsonl
wirecopy find -q -f csv --of b1 more.jsonl | cut -d, -f1-3,5
wirecopy find -q --of b1 <more.jsonl | wc -l
