# Which one of a story stays.
{
    record short "$ferry_cut" '' 2019-03-05
    record long "$ferry Nobody was hurt." '' 2019-03-04
    record middle "$ferry" '' 2019-03-03
} >in.jsonl
for keep in first earliest longest; do
    echo "$keep"
    wirecopy dedup -q --keep $keep in.jsonl | cut -c 1-16
done
wirecopy dedup in.jsonl --keep last
echo "status $?"
