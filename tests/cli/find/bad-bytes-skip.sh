# Two bytes that are no UTF-8 among lines that are: they are dropped.
{ record a "$bridge"
    printf '{"id":"b","text":"x\377%s\300"}\n' "$bridge"
    record c "$library"; record d "$library"; } >in.jsonl
wirecopy find --on-bad-bytes skip -f tsv in.jsonl | cut -f 1-5,11,12
echo "status ${PIPESTATUS[0]}"
