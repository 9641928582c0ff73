# The corpus of invented news against what is known of it.
cd "$SOURCE/corpora/news" || exit
wirecopy find -q -f tsv news.jsonl |
    awk -F '\t' '$11 != "original" && NR > 1 { print $5 "\t" $3 "\t" $11 }' |
    LC_ALL=C sort | diff gold.tsv -
# The same groups from the files, whatever their encoding.
groups() {
    sed 1d | cut -f 1,5 | LC_ALL=C sort -k 2 |
        awk -F '\t' '{ of[$1] = of[$1] " " $2 }
            END { for (group in of) print of[group] }' | LC_ALL=C sort
}
wirecopy find -q -f tsv news.jsonl | groups >"$TMPDIR/records"
cd papers && wirecopy find -q -f tsv -- * | groups | diff "$TMPDIR/records" -
