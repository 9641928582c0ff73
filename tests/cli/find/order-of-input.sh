# The order of the input changes nothing but the lines.
stories >in.jsonl
stories | tac | wirecopy find -q -f tsv | cut -f 1-6,8- >one
wirecopy find -q -f tsv - <in.jsonl | cut -f 1-6,8- | cmp - one
