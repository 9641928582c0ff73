# Signatures are no records.
echo '{"text":"All 214 passengers were taken off the ferry."}' >in.jsonl
for name in s.jsonl s.csv s.parquet s.zip s s.wcs; do
    wirecopy sign -q in.jsonl -o $name
    echo "$name: status $?"
done
ls s*
