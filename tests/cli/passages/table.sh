# A part of a story stands in another document, and once more in that.
{ record a "$ferry" '' 2019-01-01; record b "$library${ferry:20:200}$bridge${ferry:20:200}" '' 2019-01-02T10:00:00Z
    record c "$bridge"; } >in.jsonl
COLUMNS=80 wirecopy passages -q -f table in.jsonl
