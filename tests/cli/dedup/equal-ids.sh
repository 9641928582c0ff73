# Both are told apart by where they stand.
{ record a "$bridge"; record a "$bridge_typo"; record a "$ferry"; } >in.jsonl
wirecopy dedup in.jsonl -o out --removed gone
echo "status $?"
cut -c 1-22 out
cat gone
