# When the run fails there is no file, and an old one stays as it was.
gold 'a1 1' 'a1 2'
stories | wirecopy eval -q -g gold.tsv --errors new.jsonl
echo "status $?"
echo old >old.jsonl
stories | wirecopy eval -q -g gold.tsv --errors old.jsonl
echo "status $?"
cat old.jsonl
ls -A
