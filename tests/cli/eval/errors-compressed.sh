# Missed pairs need texts that were not kept: the stream is read again.
gold 'a1 1' 'b1 1' 'c1 1'
stories | gzip >in.jsonl.gz
wirecopy eval -q -g gold.tsv --errors wrong.jsonl in.jsonl.gz
cat wrong.jsonl
