# Half a pair is no character; the record is repaired.
printf '{"id":"a","text":"%s"}\n{"id":"b","text":"\\ud83d%s"}\n' \
    "$ferry" "$ferry" >in.jsonl
wirecopy find in.jsonl
