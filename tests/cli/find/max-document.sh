{ record a "$ferry"; record b "$ferry"; record c "$ferry $ferry"; } >in.jsonl
printf '%s\n' "$ferry $ferry" >long.txt
wirecopy find --max-document 200 in.jsonl long.txt | wc -l
echo "status ${PIPESTATUS[0]}"
