# Another signature, the same groups: what is shown is exact.
stories >in.jsonl
wirecopy find -q --signature minhash-classic in.jsonl |
    cmp - <(wirecopy find -q in.jsonl)
