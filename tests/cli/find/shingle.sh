# Shorter shingles make texts more alike.
{ record a "$bridge"; record b "$bridge_typo"; } >in.jsonl
for n in 1 2 5 8; do
    wirecopy find -q -n $n -t 0.5 in.jsonl | grep -o '"weakest":[0-9.]*'
done
