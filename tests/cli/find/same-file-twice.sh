# It is read twice, and then its ids are not unique.
stories >in.jsonl
wirecopy find -q in.jsonl in.jsonl | grep -c group
echo "status ${PIPESTATUS[0]}"
