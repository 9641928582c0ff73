# What goes with --passages, and what does not.
pages >in.jsonl
for options in "--min-length 20" "-c 3" "-s .9" "-p -t .5" "-p --recall .9" \
    "-p --shingle 4" "-p -l 3" "-p --format csv"; do
    wirecopy dedup $options in.jsonl
    echo "status $?"
done
paper news
wirecopy dedup -q -p news
echo "status $?"
wirecopy dedup -q -p news -o list.txt
echo "status $?"
wirecopy dedup -q -p - -o list/ <news/a1.txt
echo "status $?"
mkdir tar && tar -cf tar/in.tar news
wirecopy dedup -q -p tar/in.tar -o out/
echo "status $?"
wirecopy dedup -q -p in.jsonl news -o out/
echo "status $?"
ls
