# A file that exists is meant as it is; an id may have # too.
echo "$ferry" >'story#1.txt'
record 'x#y' "$ferry" >in.jsonl
wirecopy compare 'story#1.txt' 'in.jsonl#x#y'
