# However much else there is to say, an example of equal ids is said.
record a "$bridge" >0.jsonl
for i in {1..60}; do record a$i '' >$i.jsonl; done
{ echo '{'; record a "$bridge"; } >z.jsonl
wirecopy find -q . 2>&1 | tail -n 5
wirecopy pairs -q . 2>&1 >/dev/null | grep -c 'no field'
