stories | wirecopy find -q -f jsonl
