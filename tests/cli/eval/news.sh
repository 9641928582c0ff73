# The bundled corpus as its labels say, from records and from files.
cd "$SOURCE" || exit
wirecopy eval -q -g corpora/news/gold.tsv corpora/news # with its README
cd corpora/news/2019 || exit
score() {
    wirecopy eval -q -g "$@" ../../news.jsonl
    wirecopy eval -q -g "$@" -- *
}
score ../gold.tsv
# The copies that are alike as wholes.
grep -e identical -e reprint ../gold.tsv >"$TMPDIR/whole.tsv"
score "$TMPDIR/whole.tsv" --relations identical,reprint
# Each relation alone: copies that are found, strangers that are not.
for relation in identical reprint abridged expanded embedded excerpt \
    template boilerplate none; do
    echo "$relation"
    awk -F '\t' -v relation=$relation '
        $3 == relation {
            print $1 FS $2 FS (relation ~ /^(embedded|template|boilerplate|none)$/ ? 0 : 1)
        }' ../gold.tsv >"$TMPDIR/pairs.tsv"
    score "$TMPDIR/pairs.tsv"
done
