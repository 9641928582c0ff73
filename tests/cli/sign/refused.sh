# What would have no effect, or none that anybody wants, is refused.
echo '{"text":"one two three four five"}' > a.jsonl
wirecopy sign a.jsonl -q -o a.wcs
wirecopy sign -n 4 a.jsonl -q -o b.wcs
wirecopy sign a.jsonl -o a.wcs.gz
wirecopy sign a.jsonl -o a.jsonl
wirecopy sign a.wcs -o c.wcs
wirecopy find -n 4 b.wcs
wirecopy find a.wcs b.wcs
wirecopy find a.wcs a.jsonl
wirecopy find --texts . a.jsonl
wirecopy dedup a.wcs
wirecopy find --checkpoint ck a.wcs
wirecopy find --checkpoint-every 1M a.jsonl
ls
