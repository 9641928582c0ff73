stories >in.jsonl
mkdir out
wirecopy find -q -o out in.jsonl
echo "status $?"
ls -A out .
wirecopy find -o '' in.jsonl
echo "status $?"
