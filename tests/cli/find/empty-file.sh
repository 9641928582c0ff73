: >empty.jsonl
: >empty.txt
: >nothing.txt
: >empty.csv
wirecopy find empty.jsonl
echo "status $?"
wirecopy find empty.txt nothing.txt
echo "status $?"
wirecopy find empty.csv
echo "status $?"
