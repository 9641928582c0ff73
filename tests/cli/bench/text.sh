# Any text that wirecopy reads: here compressed records.  Figures vary, so only
# the columns.
for i in $(seq 300); do
    echo "{\"text\":\"Report $i: the council of Dunvale votes on tram number $i.\"}"
done | gzip >made.jsonl.gz
"$bench" sign --quick --json --text made.jsonl.gz >out.jsonl &&
    sed -nE 's/.*"text":"([^"]*)".*/\1/p; s/.*"table":"chain","row":"portable","column":"([^"]*)".*/\1/p' out.jsonl
