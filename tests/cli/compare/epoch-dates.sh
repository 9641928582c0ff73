# Seconds and milliseconds since 1970 are shown as the day.
echo '{"id":"a","text":"one","date":1556668800000}
{"id":"b","text":"two","date":1556668800}' >in.jsonl
wirecopy compare -f table 'in.jsonl#a' 'in.jsonl#b' | grep 'letters and'
echo '{"id":"a","text":"one","date":"20190501"}
{"id":"b","text":"two","date":"2019-05-01T08:00:00Z"}' >in.jsonl
wirecopy compare -f table 'in.jsonl#a' 'in.jsonl#b' | grep 'letters and'
