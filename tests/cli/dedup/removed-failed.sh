# If the list of what was removed cannot be written there is no result either,
# and the other way round.
stories >in.jsonl
echo before >old.jsonl
wirecopy dedup -q in.jsonl -o clean.jsonl --removed /dev/full
echo "status $?"
wirecopy dedup -q in.jsonl -o old.jsonl --removed /dev/full
echo "status $?"
wirecopy dedup -q in.jsonl -o /dev/full --removed gone.jsonl
echo "status $?"
wirecopy dedup -q in.jsonl --removed gone.jsonl >/dev/full
echo "status $?"
paper news
wirecopy dedup -q news -o clean/ --removed /dev/full
echo "status $?"
mkdir -p there/north
echo mine >there/north/b1.txt
wirecopy dedup -q news -o there/ --removed gone.jsonl
echo "status $?"
ls -A
cat old.jsonl
