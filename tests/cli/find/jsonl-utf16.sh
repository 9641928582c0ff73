# UTF-16 with a byte-order mark says the same as UTF-8.
stories >in.jsonl
wirecopy find -q in.jsonl >utf8
{ printf '\377\376'; stories | iconv -f UTF-8 -t UTF-16LE; } >in.jsonl
wirecopy find -q in.jsonl | cmp - utf8
