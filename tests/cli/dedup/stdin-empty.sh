# A filter before it that found nothing leaves nothing to remove.
wirecopy dedup </dev/null
echo "status $?"
: | wirecopy dedup -q -o out.jsonl
echo "status $?"
wirecopy dedup -q --passages <(:)
echo "status $?"
ls
wirecopy dedup -q <out.jsonl
echo "status $?"
gzip -c </dev/null | wirecopy dedup -q
echo "status $?"
record a 'a text' | wirecopy dedup -q -o both.jsonl - <(:)
echo "status $?"
cat both.jsonl
