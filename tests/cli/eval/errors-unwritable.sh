# Said before any work is done.
gold 'a1 1'
wirecopy eval -g gold.tsv --errors missing/wrong.jsonl no-such-input
