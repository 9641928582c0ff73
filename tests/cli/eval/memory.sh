# Labels are held as well: there is no limit to keep.
wirecopy eval --memory 100M --gold gold.tsv news.jsonl
