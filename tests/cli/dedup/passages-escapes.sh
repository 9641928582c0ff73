# Escapes stay as they are written, and so do spaces, line ends, numbers and
# members that nobody asked for.
escaped=$(printf %s "$bridge" | python3 -c 'import json, sys
print(json.dumps(sys.stdin.read())[1:-1])')
{
    printf '{"id":"a","text":"%s"}\n' "$bridge"
    printf ' {"n":1.50e3 , "text" : "\\u4e00\\/\\"\\t%s \\ud83d\\ude00\\n",' \
        "$escaped"
    printf '"id":"b","text":"%s"}\t\r\n' "$bridge"
    printf '{"meta":{"text":["%s"]},"text":"%s\\u0020End!","id":"c"}' \
        "$bridge" "$escaped"
} >in.jsonl
wirecopy dedup --passages -q in.jsonl --removed gone.jsonl -o out.jsonl
cat -A out.jsonl
cat gone.jsonl
echo "nested:"
nest() { sed '3d; s/"text"/"b":{"text"/; s/}\(\s*\)$/}}\1/' "$@"; }
nest in.jsonl >nested.jsonl
wirecopy dedup --passages -q --text-field b.text nested.jsonl |
    cmp - <(nest out.jsonl) && echo same
