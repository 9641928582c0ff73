cd "$SOURCE/corpora" || exit
for j in 1 2 7; do
    wirecopy eval -q -g news/gold.tsv -j $j -t .95 --errors "$TMPDIR/$j" news.jsonl
done | uniq | wc -l | tr -d ' '
cmp "$TMPDIR/1" "$TMPDIR/2" && cmp "$TMPDIR/1" "$TMPDIR/7"
wc -l <"$TMPDIR/1" | tr -d ' '
