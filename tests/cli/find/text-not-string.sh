{ record a "$ferry"; echo '{"id":"b","text":17}'; echo '{"id":"c","text":null}'
    echo '{"id":"d","text":["x"]}'; record e "$ferry"; } >in.jsonl
wirecopy find -q in.jsonl | wc -l
echo "status ${PIPESTATUS[0]}"
