# NUL is a control character: in JSON, in text, and in padded files.
printf '{"id":"a","text":"%s\\u0000"}\n' "$ferry" >in.jsonl
printf '{"id":"b\\u0000c","text":"%s","title":"x\\u0000y"}\n' "$ferry" >>in.jsonl
printf '%s\0\0\0' "$ferry" >text.txt
wirecopy find -q in.jsonl text.txt
