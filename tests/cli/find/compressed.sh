# gzip, zstd, xz and bzip2 are opened as they are.
stories >in.jsonl
gzip -k in.jsonl
zstd -q in.jsonl
xz -k in.jsonl
bzip2 -k in.jsonl
wirecopy find -q in.jsonl >plain
for kind in gz zst xz bz2; do
    wirecopy find -q in.jsonl.$kind | sed "s/jsonl[.]$kind/jsonl/g" | cmp - plain
    wirecopy find -q <in.jsonl.$kind | cmp - <(wirecopy find -q <in.jsonl)
done
