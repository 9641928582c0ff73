# What gzip -t calls damaged is no document; a compressed empty text is one.
: >damaged.txt.gz
: >damaged.jsonl.zst
gzip -c </dev/null >empty.txt.gz
wirecopy find -q damaged.txt.gz damaged.jsonl.zst empty.txt.gz
echo "status $?"
wirecopy find empty.txt.gz 2>&1 | cut -d, -f1
