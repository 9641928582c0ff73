# A sentence that stands in a text again and again, if it is asked for.
record a "${ferry:0:60}本站转载须注明来源${ferry:60:60}本站转载须注明来源${ferry:120:60}" >in.jsonl
wirecopy passages -q in.jsonl
wirecopy passages -q -l 8 -f tsv in.jsonl
