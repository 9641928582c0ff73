{ stories; echo '{"id":1'; } >in.jsonl
wirecopy pairs -q in.jsonl no-such-file | wc -l
echo "status ${PIPESTATUS[0]}"
