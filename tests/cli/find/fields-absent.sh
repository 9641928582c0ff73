# A field that was named and is in no record is said; one that some have is not.
stories >in.jsonl
wirecopy find --date-field published --source-field paper --title-field id \
    --id-field date in.jsonl 2>&1 >/dev/null | grep field
wirecopy find --date-field published --source-field source in.jsonl 2>&1 >out.jsonl | cut -d, -f1
echo "status ${PIPESTATUS[0]}"
wirecopy find -q --date-field published in.jsonl | cmp - out.jsonl
# Texts have no fields.
echo "$bridge" >a.txt
wirecopy find --date-field published a.txt 2>&1 | cut -d, -f1
# A null is no value.
echo "{\"id\":1,\"text\":\"$bridge\",\"published\":null}" >null.jsonl
wirecopy dedup --date-field published null.jsonl 2>&1 >/dev/null | grep field
