# Any text: here a gzipped file of records.  Figures vary, so only the rows.
"$bench" sign --quick --json --text "$SOURCE/corpora/news.jsonl" >out.jsonl &&
    sed -nE 's/.*"text":"([^"]*)".*/\1/p; s/.*"table":"chain","row":"portable","column":"([^"]*)".*/\1/p' out.jsonl
