# Cutting holds all texts; a limit is refused before anything is read.
wirecopy dedup --passages --memory 100M missing.jsonl
echo "status $?"
wirecopy dedup --passages --plan missing.jsonl
echo "status $?"
