# What comes out is JSON whatever came in.
{ printf '{"id":"a\\"\\\\\\n\\u0001/","text":"%s",' "$ferry"
    printf '"title":"\\ud83d\\ude00\\u007f"}\n'
    record b "$ferry"; } >in.jsonl
wirecopy find -q in.jsonl
wirecopy find -q in.jsonl | python3 -c 'import json, sys
for line in sys.stdin:
    print(ascii(json.loads(line)["original"]))'
