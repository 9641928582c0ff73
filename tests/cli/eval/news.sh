# The bundled corpus: as its labels say, from records and from files.
cd "$SOURCE/corpora/news" || exit
wirecopy eval -q -g gold.tsv news.jsonl
cd papers || exit
wirecopy eval -q -g ../gold.tsv */
