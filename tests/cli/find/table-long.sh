# The first thousand lines decide the columns, and the rest keeps to them.
for ((i = 10001; i <= 11200; i++)); do
    echo "{\"id\":\"$i\",\"text\":\"$bridge\",\"title\":\"Bridge\"}"
done >in.jsonl
record the-last-of-all-of-them "$bridge" 'A bridge of which this is the title' \
    2019-04-12 Dunvale >>in.jsonl
COLUMNS=60 wirecopy find -q -f table in.jsonl >table.txt
wc -l <table.txt
sed -n '2,3p;1201,1203p' table.txt
