# The first of those with one id is compared, and the others are said.
{ record a "$bridge"; record b "$bridge_typo"; record a "$ferry"; record a x; } >in.jsonl
wirecopy compare -f csv in.jsonl#a in.jsonl#b | cut -c 1-50
echo "${PIPESTATUS[0]}"
wirecopy compare --strict in.jsonl#b in.jsonl#a
echo "$?"
