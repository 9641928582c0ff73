# The wrong field name leaves nothing: one line says so, not one a record.
for i in 1 2 3 4 5 6 7 8 9; do record $i "$ferry"; done |
    wirecopy find --text-field body
