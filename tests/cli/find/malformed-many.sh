# The first ten are shown one by one.
{ record a "$ferry"; for i in {1..13}; do echo broken; done; } >in.jsonl
wirecopy find in.jsonl
