{ record a "$ferry"; printf %s "$(record b "$ferry")"; } >in.jsonl
wirecopy find -q in.jsonl
