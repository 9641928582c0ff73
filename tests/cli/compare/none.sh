: >empty.jsonl
mkdir empty
echo "$ferry" >a.txt
wirecopy compare a.txt empty.jsonl
echo "status $?"
wirecopy compare empty a.txt
echo "status $?"
