# The first date that is not understood is named.
{
    record a1 "$bridge" '' 2019-04-12
    record a2 "$bridge" '' '12 April'
    record a3 "$bridge" '' $'1\t2'
    record a4 "$bridge" '' 'gestern abend, kurz nachdem die Sonne untergegangen war, aber vor dem Essen'
} >in.jsonl
for lines in 1 2 3 4; do
    head -n $lines in.jsonl | wirecopy find 2>&1 >/dev/null | grep date
done
tail -n 1 in.jsonl | wirecopy pairs 2>&1 | head -n 1
wirecopy find -q in.jsonl | cut -c 1-42
