# The others are read; the status says that something was skipped.
stories >in.jsonl
wirecopy find -q in.jsonl no-such-file | wc -l
echo "status ${PIPESTATUS[0]}"
