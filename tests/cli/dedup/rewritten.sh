# A file that is overwritten in place after it was read, at the same length.
for i in $(seq 1000); do
    printf '{"id":"i%s","text":"%s"}\n' $i "$bridge"
done >in.jsonl
touch -d '2019-04-12 06:00' in.jsonl
mkfifo pipe
wirecopy dedup -q in.jsonl -o out --removed pipe &
exec 3<pipe
dd bs=1 count=1 <&3 2>dd.log | wc -c
printf '{"id":"j' | dd of=in.jsonl conv=notrunc 2>dd.log
cat <&3 >rest
exec 3<&-
wait $!
echo "status $?"
ls out
