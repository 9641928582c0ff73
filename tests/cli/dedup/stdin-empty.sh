# A filter before it that found nothing leaves nothing to remove.
wirecopy dedup </dev/null
echo "status $?"
: | wirecopy dedup -q -o out.jsonl
echo "status $?"
wirecopy dedup -q --passages <(:)
echo "status $?"
ls
