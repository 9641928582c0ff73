# Named and begun like gzip, but is none.
printf '\037\213\010\0\0\0\0\0\0\3not gzip at all' >in.jsonl.gz
wirecopy find -q in.jsonl.gz
