{ record a1 "$bridge"; record b1 "$library"; record a3 "$bridge_typo"; } |
    iconv -f UTF-8 -t GB18030 >in.jsonl
wirecopy dedup -q in.jsonl | cmp - <(sed 3d in.jsonl) && echo same
