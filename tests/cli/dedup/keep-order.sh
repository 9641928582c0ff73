# Whichever stays, the order is that of the input.
stories | tac >in.jsonl
wirecopy dedup -q --keep earliest in.jsonl | cut -c 1-10
