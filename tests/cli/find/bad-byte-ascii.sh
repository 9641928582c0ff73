# A bad byte in English is a bad byte and no sign of another encoding.
{ record a "$ferry"
    printf '{"id":"b","text":"%s\377"}\n' "$ferry"
    record c "$ferry_cut"; } >in.jsonl
wirecopy find -v in.jsonl 2>err | wc -l
grep -e encoding -e illegal err
