for ((i = 0; i < 300; i++)); do record $i "$ferry"; done >in.jsonl
wirecopy pairs -q in.jsonl | head -n 1
echo "statuses ${PIPESTATUS[*]}"
