# A full disk is not a success.
echo '{"text":"one two three four five"}' >in.jsonl
wirecopy sign -q in.jsonl -o /dev/full
echo "status $?"
