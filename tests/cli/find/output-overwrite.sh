# A file that is there is replaced; when the run fails, it stays.
stories >in.jsonl
echo old >out
wirecopy find -q -o out missing.jsonl
echo "status $?, $(cat out)"
wirecopy find -q -o out in.jsonl
wc -l <out
ls
