# What is small is read to the end; the sample of what is larger is as large.
for i in $(seq 50); do record $i "$bridge $i"; done >in.jsonl
wirecopy find --plan -f csv in.jsonl | cut -d , -f 1,2,5,7
wirecopy pairs --plan in.jsonl -o not-written | sed 's/"memory.*//'
wirecopy dedup --plan in.jsonl | sed 's/"memory.*//'
wirecopy find --plan -f table -j 2 in.jsonl | sed 's/up to .*//; s/about .*//'
ls
stories | wirecopy find --plan -
echo "status $?"
