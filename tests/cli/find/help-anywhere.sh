# -h and --help, before and after other arguments.
wirecopy find --help >one
wirecopy find -h | cmp - one
wirecopy find in.jsonl -t 0.5 --help | cmp - one
wirecopy help find | cmp - one
