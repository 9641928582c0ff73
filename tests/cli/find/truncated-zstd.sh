# What was used of a file that breaks off is said.
python3 -c 'import hashlib
for i in range(9000):
    print("{\"text\":\"" + hashlib.sha256(b"%d" % i).hexdigest() + "\"}")' \
    >in.jsonl
zstd -q in.jsonl
head -c 300000 in.jsonl.zst >half.jsonl.zst
wirecopy find half.jsonl.zst -o out
echo "status $?"
