# Both files appear, or none.
record a "$bridge" >in.jsonl
record b "$bridge" >>in.jsonl
try() {
    wirecopy find -q "$@"
    echo "status $?"
    ls
}
try -o same --boilerplate same in.jsonl
try --boilerplate - in.jsonl
try -o groups --boilerplate none/everywhere in.jsonl
try -o none/groups --boilerplate everywhere in.jsonl
try -o groups --boilerplate in.jsonl in.jsonl
try -o groups --boilerplate everywhere missing.jsonl
try --boilerplate everywhere --of nobody in.jsonl
try --boilerplate everywhere --estimate in.jsonl
try --boilerplate everywhere --boilerplate-documents 1 in.jsonl
try --boilerplate everywhere --boilerplate-length 7 in.jsonl
try -o groups --boilerplate everywhere in.jsonl
wc -c <everywhere
