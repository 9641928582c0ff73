# No summary, no warnings; what was skipped is still an error.
{ record a "$ferry" '' never; printf '{"id":"b","text":"%s\377"}\n' "$ferry"
} >in.jsonl
wirecopy find -q in.jsonl | wc -l
echo 'broken' >>in.jsonl
wirecopy find -q in.jsonl | wc -l
