: >empty.jsonl
: >empty.txt
wirecopy find empty.jsonl
echo "status $?"
wirecopy find empty.txt empty.txt
echo "status $?"
