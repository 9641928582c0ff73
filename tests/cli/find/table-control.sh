# No control character of a title reaches the terminal.
printf '{"id":"a","text":"%s","title":"\\u001b[31mred\\u0007\\u009b1m\\nline"}\n' \
    "$ferry" >in.jsonl
printf '{"id":"b","text":"%s","title":"e\\u0301te\\u0301"}\n' \
    "$ferry" >>in.jsonl
wirecopy find -q -f table in.jsonl | od -An -c | head -n 40
