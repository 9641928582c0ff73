# The result and the list must not go to one file.
stories >in.jsonl
echo before >out
ln -s out link
ln out hard
for other in out ./out link hard "$PWD/out"; do
    wirecopy dedup in.jsonl -o out --removed "$other"
    echo "status $?"
done
wirecopy dedup in.jsonl --removed -
echo "status $?"
wirecopy dedup in.jsonl -o new --removed ./new
echo "status $?"
wirecopy dedup in.jsonl --removed /dev/stdout >both
echo "status $?"
cat out
ls
