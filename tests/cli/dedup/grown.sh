# A file that grows after it was read: of lines what was read is written, of a
# table, where rows may have been read or not, nothing.
for i in $(seq 1000); do
    printf '{"id":"i%s","text":"%s"}\n' $i "$bridge"
done >in.jsonl
{
    echo id,text
    for i in $(seq 1000); do
        printf '%s,"%s"\n' $i "$bridge"
    done
} >in.csv

# grow FILE LINE: the list of what is removed does not fit into the pipe, so the
# result waits for it to be read.
grow() {
    mkfifo pipe
    wirecopy dedup -q "$1" -o out --removed pipe &
    exec 3<pipe
    dd bs=1 count=1 <&3 2>dd.log | wc -c
    echo "$2" >>"$1"
    cat <&3 >rest
    exec 3<&-
    wait $!
    echo "status $?"
    rm pipe
}
grow in.jsonl '{"id":"late","text":"this one came'
cut -c 1-10 out
rm out
grow in.csv late,late
ls out
