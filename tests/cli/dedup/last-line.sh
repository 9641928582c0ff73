# The last line goes, which has no line end; what is before it stays as it is.
{ record a1 "$bridge"; printf '{"id":"a2","text":"%s"}' "$bridge"; } >in.jsonl
wirecopy dedup -q in.jsonl | cmp - <(record a1 "$bridge") && echo same
# The last stays, as it is, where the one before goes.
{
    record a1 "$bridge"
    record a2 "$bridge"
    printf '{"id":"c1","text":"%s"}' "$ferry"
} >in.jsonl
wirecopy dedup -q in.jsonl | tail -c 12 | od -An -c
