# What comes from standard input is the list or a document, not both.
stories >in.jsonl
echo in.jsonl | wirecopy find -q --files-from - - -o out
echo "status $?"
printf 'in.jsonl\n-\n' | wirecopy find -q --files-from - -o out
echo "status $?"
echo - >list
wirecopy find -q --files-from list <in.jsonl | wc -l
ls
