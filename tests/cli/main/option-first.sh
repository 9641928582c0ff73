# An option before the command.
wirecopy --threshold 0.5 find in.jsonl
