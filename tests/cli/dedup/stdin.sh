odd_lines | sed '/"a2"/d; /"a3"/d' >want
odd_lines | wirecopy dedup -q | cmp - want && echo same
odd_lines | wirecopy dedup -q - -o out
cmp out want && echo same
odd_lines >in.jsonl
wirecopy dedup -q <in.jsonl | cmp - want && echo same
mkfifo pipe
odd_lines >pipe &
wirecopy dedup -q pipe | cmp - want && echo same
