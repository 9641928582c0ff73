# What comes through a pipe is kept to be read again.
for i in 1 2 3 4; do stories; done >in.jsonl
cat in.jsonl | wirecopy find --tmp-limit 1K -
