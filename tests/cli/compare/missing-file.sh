echo "$ferry" >a.txt
wirecopy compare a.txt no-such.txt
echo "status $?"
wirecopy compare no-such.jsonl#x a.txt
echo "status $?"
