# A limit for the size of files is a full disk, and leaves nothing behind.
for i in $(seq 600); do
    printf '{"id":"i%s","text":"%s %s %s"}\n' $i $i $i "$bridge"
done >in.jsonl
sed 's/"text":"[0-9]* [0-9]* /"text":"/' in.jsonl >same.jsonl
mkdir out
(ulimit -f 20 && wirecopy dedup -q -t 1 in.jsonl -o out/kept)
echo "status $?"
(ulimit -f 20 && wirecopy dedup -q same.jsonl -o out/kept \
    --removed out/gone)
echo "status $?"
(ulimit -f 20 && cat in.jsonl | TMPDIR=out wirecopy dedup -q -o out/kept)
echo "status $?"
ls -A out
