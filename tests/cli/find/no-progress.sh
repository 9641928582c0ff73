# No progress into a file unless asked for, and none after --no-progress.
stories >in.jsonl
wirecopy find in.jsonl 2>&1 | grep -c $'\r'
wirecopy find --progress --no-progress in.jsonl 2>&1 | grep -c $'\r'
wirecopy find --progress -q in.jsonl 2>&1 | grep -c $'\r'
true
