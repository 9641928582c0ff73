# A list of what was removed that stands in the input is no part of it, and is
# not to be there when the same is asked for again.
mkdir news
odd_lines >news/in.jsonl
wirecopy dedup -q news -o clean --removed news/gone.jsonl
echo "status $?"
wirecopy dedup -q news -o clean --removed news/gone.jsonl
echo "status $?"
wirecopy dedup -q . -o clean --removed ./news/../news/gone.jsonl
echo "status $?"
rm news/gone.jsonl
wirecopy dedup -q news/in.jsonl -o clean --removed news/gone.jsonl
wirecopy dedup -q news/in.jsonl -o clean --removed news/gone.jsonl
echo "status $?"
wc -l <clean
