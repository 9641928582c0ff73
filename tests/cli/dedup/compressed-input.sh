# Compressed files of records come out plain, unless -o says otherwise.
stories >in.jsonl
wirecopy dedup -q in.jsonl >want
gzip -k in.jsonl
bzip2 -k in.jsonl
for name in in.jsonl.gz in.jsonl.bz2; do
    wirecopy dedup -q $name | cmp - want && echo same
    wirecopy dedup -q - <$name | cmp - want && echo same
done
