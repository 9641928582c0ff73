# Bytes and characters of each copy; the order of the input changes nothing.
{ record a "$ferry" '' 2019-01-01; record b "${library}${ferry:20:200}$bridge"; } >in.jsonl
wirecopy passages -q in.jsonl | sed "s/\"line\":[0-9]//g" | cmp - <(tac in.jsonl | wirecopy passages -q - | sed 's/"path":"-"/"path":"in.jsonl"/g; s/"line":[0-9]//g')
wirecopy passages -q in.jsonl | cmp - <(tac in.jsonl | wirecopy passages -q - | sed 's/"path":"-"/"path":"in.jsonl"/g')
wirecopy passages -q -j 1 in.jsonl | cmp - <(wirecopy passages -q -j 2 in.jsonl)
