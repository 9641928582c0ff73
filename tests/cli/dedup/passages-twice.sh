# Where copies are exact, a second run finds nothing more.
pages >in.jsonl
wirecopy dedup --passages -q in.jsonl -o once.jsonl
wirecopy dedup --passages once.jsonl | cmp - once.jsonl && echo same
# Compressed, through a pipe, several files into one.
gzip -c in.jsonl | wirecopy dedup --passages -q | cmp - once.jsonl && echo same
head -n 2 in.jsonl >1.jsonl
tail -n 2 in.jsonl | gzip -c >2.jsonl.gz
wirecopy dedup --passages -q 1.jsonl 2.jsonl.gz | cmp - once.jsonl && echo same
for encoding in UTF-16LE GB18030; do
    iconv -f UTF-8 -t $encoding in.jsonl >wide.jsonl
    wirecopy dedup --passages -q -e $encoding wide.jsonl |
        iconv -f $encoding -t UTF-8 | cmp - once.jsonl && echo same
done
