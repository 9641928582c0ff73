{ record a "$ferry"; record b "$ferry"; echo '{"id":"c","body":"x"}'
    echo '{"id":"d","body":"y"}'; } >in.jsonl
wirecopy find in.jsonl | wc -l
echo "status ${PIPESTATUS[0]}"
