# Whoever does not know how a nested field is written is told.
{ echo "{\"doc\":{\"body\":\"$ferry\"},\"meta\":{\"at\":{\"day\":7},\"e\":{}}}"
    echo '{"doc":"x"}'; echo '{}'; } >in.jsonl
for field in text doc doc.text doc.body meta.at.day; do
    wirecopy find -q --text-field $field in.jsonl
    echo "status $?"
done
