# A file that is given twice, under whatever name, is read once.
stories >in.jsonl
ln -s in.jsonl link.jsonl
wirecopy find in.jsonl ./in.jsonl link.jsonl | grep -c group
echo "status ${PIPESTATUS[0]}"
