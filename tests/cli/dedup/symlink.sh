# A link stays, and what it leads to is replaced, with its mode.
stories >in.jsonl
mkdir real
echo before >real/out
chmod 600 real/out
ln -s real/out out
wirecopy dedup -q in.jsonl -o out
[ -L out ] && echo "still a link"
wc -l <real/out
stat -c %a real/out
