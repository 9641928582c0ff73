# All forms of one order, in UTC; a bare day is its first second.
i=0
for date in 2006-05-09 20060509 2006年5月9日 2006-05-09T00:00:01Z \
    '2006-05-09 08:30:00+08:00' 200605090031 2006-05-09T02:00 \
    '2006年5月9日 10时20分' 1147170000 1147170001500 \
    '9-MAY-2006 00:00:00.50' 'Tue, 9 May 2006 06:00 -0330' 'May 9, 2006'; do
    i=$((i + 1))
    record "$((100 - i))" "$ferry" '' "$date"
done >in.jsonl
wirecopy find -q -f tsv in.jsonl | cut -f 5,9
