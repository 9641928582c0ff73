stories >in.jsonl
wirecopy find -o no/such/place.jsonl in.jsonl
