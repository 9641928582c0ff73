# JSON that is no line an object, through a pipe or by a name that says it is.
printf '[{"text": "one"},\n {"text": "two"}]\n' >array.jsonl
printf '{\n "id": 1,\n "text": "one"\n}\n{\n "text": "two"\n}\n' >object.jsonl
printf '{"text":"one"}{"text":"two"}' >joined
wirecopy find array.jsonl
wirecopy find <object.jsonl
wirecopy find -q object.jsonl joined
# One damaged line is one damaged line, even if it is the first.
{ echo '{"id":1,"text":"cut'; record a "$ferry"; record b "$ferry"; } |
    wirecopy find -q | wc -l
