# Signature files where they are not read, and what to do instead.
echo '{"text":"All 214 passengers were taken off the ferry."}' >a.jsonl
wirecopy sign -q a.jsonl -o s.wcs
mkdir folder && cp s.wcs folder && gzip -k s.wcs
wirecopy find -q <s.wcs
wirecopy sign -q a.jsonl | wirecopy pairs -q
wirecopy find -q s.wcs.gz folder
