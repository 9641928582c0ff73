{ printf '\357\273\277'; record a "$ferry"; record b "$ferry"; } |
    sed 's/$/\r/' >in.jsonl
wirecopy find -q in.jsonl
