stories >in.jsonl
wirecopy pairs -q --signature minhash-classic in.jsonl |
    cmp - <(wirecopy pairs -q in.jsonl)
