# The corpus of invented news against what is known of it.
cd "$SOURCE/corpora/news" || exit
grep -E 'identical|reprint|abridged|expanded|embedded' gold.tsv | LC_ALL=C sort >"$TMPDIR/gold"
wirecopy find -q -f tsv ../news.jsonl |
    awk -F '\t' '$11 != "original" && NR > 1 { print $5 "\t" $3 "\t" $11 }' |
    LC_ALL=C sort | diff "$TMPDIR/gold" -
# The same groups with the same originals from the files, whatever their
# encoding: without dates, in the order of their names.
groups() {
    sed 1d | cut -f 1,5 | LC_ALL=C sort -k 2 |
        awk -F '\t' '{ of[$1] = of[$1] " " $2 }
            END { for (group in of) print of[group] }' | LC_ALL=C sort
}
wirecopy find -q -f tsv ../news.jsonl | groups >"$TMPDIR/records"
cd 2019 && wirecopy find -q -f tsv -- * | groups | diff "$TMPDIR/records" -
# None of a paper's files is taken for one in another encoding.
wirecopy find -v -f tsv -- * 2>&1 >"$TMPDIR/found" |
    sed -n 's/, such as .*//; s/wirecopy: \(.*: encoding\)/\1/p'
