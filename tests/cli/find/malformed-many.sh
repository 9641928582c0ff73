# The first five are shown one by one.
{ record a "$ferry"; for i in 1 2 3 4 5 6 7 8; do echo broken; done; } >in.jsonl
wirecopy find in.jsonl
