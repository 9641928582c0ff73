# What would be status 3 is 1.
{ stories; echo broken; } >in.jsonl
wirecopy find -q in.jsonl >/dev/null
echo "status $?"
wirecopy find -q --strict in.jsonl -o out
echo "status $?"
ls
stories | wirecopy find -q --strict | wc -l
echo "status ${PIPESTATUS[1]}"
