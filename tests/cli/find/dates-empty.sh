# An empty date is none, in JSONL as in CSV: nothing is said of it.
cat > in.jsonl <<'END'
{"id":"a","date":"","text":"The ferry did not sail on Tuesday because of the fog."}
{"id":"b","date":"2006-05-09","text":"The ferry did not sail on Tuesday because of the fog."}
END
wirecopy find -f table in.jsonl
