# What is wrong is said in words, with line and column.
while IFS= read -r line; do
    { record a "$ferry"; printf '%b\n' "$line"; } >in.jsonl
    wirecopy find -q in.jsonl
    [ $? = 3 ] || echo "not status 3: $line"
done <<'END'
{"id":"b","text":"x"} {}
{"id":"b","text":"x"}}
{"id":"b" "text":"x"}
{"id":"b","text":"x",}
{"id":"b","text" "x"}
{"id":"b","text":"\\x"}
{"id":"b","text":"\\u12"}
{"id":"b","text":"a\ttab"}
{"id":"b","text":tru}
{"id":"b","text":
{"id":"b","text":"no end
{"id":"b","n":01,"text":"x"}
{"id":"b","n":1e,"text":"x"}
{id:"b","text":"x"}
{'id':'b'}
["b"]
"b"
17
null
plain words
END
