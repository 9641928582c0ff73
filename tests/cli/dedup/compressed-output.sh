stories >in.jsonl
wirecopy dedup -q in.jsonl >want
for ending in gz zst xz bz2 lz4; do
    wirecopy dedup -q in.jsonl -o out.jsonl.$ending
    echo "$ending status $?"
done
gzip -dc out.jsonl.gz | cmp - want
zstd -qdc out.jsonl.zst | cmp - want
xz -dc out.jsonl.xz | cmp - want
bzip2 -dc out.jsonl.bz2 | cmp - want
wirecopy dedup -q out.jsonl.lz4 | cmp - want
head -c 4 out.jsonl.lz4 | od -An -tx1
ls -A
