# A title comes out as UTF-8 whatever it was.
{ record a "$bridge" '大桥'
    printf '{"id":"b","text":"%s","title":"x\377y"}\n' "$bridge"; } >in.jsonl
wirecopy find -q in.jsonl
