# Inputs from a list: lines, or anything between NULs.
stories >a.jsonl
record n1 "$ferry" >$'b\nc.jsonl'
record s1 "$ferry" >d.jsonl
printf 'a.jsonl\r\n\nd.jsonl' >list
wirecopy find -q --files-from list | cmp - <(wirecopy find -q a.jsonl d.jsonl)
wirecopy find -q --files-from - a.jsonl <<<d.jsonl |
    cmp - <(wirecopy find -q a.jsonl d.jsonl)
printf 'a.jsonl\0b\nc.jsonl\0' | wirecopy find -q --files-from - |
    cmp - <(wirecopy find -q a.jsonl $'b\nc.jsonl')
wirecopy find --files-from missing
echo "status $?"
