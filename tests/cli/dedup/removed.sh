stories | wirecopy dedup -q --removed - -o out.jsonl
cut -c 1-10 out.jsonl
# More than a copy: what stands in the kept one, and what is cut.
{ record whole "$ferry"; record part "$ferry_cut"; record same "$ferry!"; } |
    wirecopy dedup -q --removed /dev/stdout -o /dev/null
