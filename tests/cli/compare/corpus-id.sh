stories >in.jsonl
wirecopy compare -f table in.jsonl#c1 in.jsonl#c2
stories | wirecopy compare -f table in.jsonl#a1 -#a2
