# Every pair looked at one by one gives the same scores.
check() {
    python3 "$SOURCE/tests/oracle/eval_oracle.py" "$WIRECOPY" gold.tsv "$@"
}
stories >in.jsonl
gold 'a1 1' 'a2 1' 'b1 1' 'c1 2' 'x9 2'
check in.jsonl
gold 'copy original relation' 'a2 a1 identical' 'c2 b1 abridged' 'b1 a3 none'
check in.jsonl
gold 'a1 a2 1' 'a1 a3 0' 'b1 c1 1' 'c1 c2 0' 'b1 x9 1'
check in.jsonl
gold '# nothing'
check in.jsonl
cp "$SOURCE/corpora/news/gold.tsv" .
for t in .3 .6 .9 1; do
    check "$SOURCE/corpora/news.jsonl" -t $t
done
