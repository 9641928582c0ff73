# Without ids, a line will do.
{
    record '' "$ferry"
    echo
    record '' "$ferry_cut"
} >in.jsonl
wirecopy compare in.jsonl#1 in.jsonl#in.jsonl:3
