# Which copy stays: the first, the earliest, that of the longest document.
{
    record later "$bridge 后记。" '' 2020-02-01
    record early "$bridge 前言。" '' 2019-01-01
    record long "$bridge $library" '' 2021-01-01
} >in.jsonl
for keep in first earliest longest; do
    wirecopy dedup --passages -q --keep $keep in.jsonl --removed gone.jsonl |
        python3 -c 'import json, sys
for line in sys.stdin:
    record = json.loads(line)
    print(record["id"], len(record["text"]))'
    sed 's/^{"id":"\([a-z]*\)".*"kept":"\([a-z]*\)".*/\1 for \2/' gone.jsonl
done
