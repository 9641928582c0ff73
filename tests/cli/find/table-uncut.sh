# A table that goes to no terminal is cut nowhere, unless COLUMNS says so.
long=https://news.example/2019/04/12/a-long-name-of-a-page-about-a-bridge-and-more
for i in 1 2; do
    record "$long/$i" "$bridge" "$bridge$i" '12. April 2019, abends' \
        'The Combined Intelligencer and Advertiser of Selwick'
done >in.jsonl
record z "$bridge" >>in.jsonl
wirecopy find -q -f table in.jsonl
COLUMNS=60 wirecopy find -q -f table in.jsonl
wirecopy find -q -f table in.jsonl -o table.txt
wirecopy find -q -f table in.jsonl | cmp - table.txt
wirecopy compare -f table "in.jsonl#$long/1" "in.jsonl#z"
