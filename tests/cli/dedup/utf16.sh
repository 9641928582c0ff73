# Cut in the file's own encoding.
for encoding in UTF-16LE UTF-16BE UTF-32LE; do
    { printf '\xEF\xBB\xBF'; odd_lines; } | iconv -f UTF-8 -t $encoding >in.jsonl
    { printf '\xEF\xBB\xBF'; odd_lines | sed '/"a2"/d; /"a3"/d'; } |
        iconv -f UTF-8 -t $encoding >want
    wirecopy dedup -q in.jsonl | cmp - want && echo same
done
