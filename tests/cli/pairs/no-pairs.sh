{ record a "$ferry"; record b "$library"; } >in.jsonl
for format in table jsonl csv tsv; do wirecopy pairs -q -f $format in.jsonl; done
