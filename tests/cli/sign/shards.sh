# Two shards that are signed by themselves are found in as one.
printf '{"id":"a","date":"2020-01-01","text":"%s"}\n' \
    "The ferry was late again on Monday, and nobody could say why." > 1.jsonl
printf '{"id":"b","date":"2020-01-02","text":"%s"}\n' \
    "The ferry was late again on Monday, and nobody could say why!" > 2.jsonl
wirecopy sign 1.jsonl -o 1.wcs
wirecopy sign 2.jsonl -o 2.wcs
wirecopy find 1.wcs 2.wcs -f csv
wirecopy find 1.wcs 2.wcs -f table --estimate
wirecopy pairs 2.wcs 1.wcs --estimate -q
rm 2.jsonl
wirecopy find 1.wcs 2.wcs
