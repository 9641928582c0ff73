stories >in.jsonl
wirecopy compare in.jsonl#a1 in.jsonl
