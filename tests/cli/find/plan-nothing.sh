# What holds no documents is said to, and fails as it would without --plan.
stories >in.jsonl
wirecopy find --plan --text-field body -f csv in.jsonl | cut -d , -f 1,2
echo "status ${PIPESTATUS[0]}"
wirecopy dedup --plan missing.jsonl >/dev/null
echo "status $?"
: >empty.jsonl
wirecopy pairs --plan empty.jsonl >/dev/null
echo "status $?"
