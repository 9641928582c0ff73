# The wrong field name leaves nothing: not a line a record says so.
for i in {1..15}; do record $i "$ferry"; done |
    wirecopy find --text-field body
