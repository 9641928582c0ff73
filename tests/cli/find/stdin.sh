# No input and - are standard input; records without an id are -:LINE.
{ record '' "$ferry"; record '' "$ferry_cut"; } >in.jsonl
wirecopy find -q <in.jsonl
wirecopy find -q - <in.jsonl | cmp - <(wirecopy find -q <in.jsonl)
