{ record 'one, two' "$ferry"; record b "$library$ferry"; } >in.jsonl
for format in csv tsv; do wirecopy passages -q -f $format in.jsonl; done
