# All pairs of 300 equal texts.
for ((i = 0; i < 300; i++)); do record $i "$ferry"; done |
    wirecopy pairs -q | wc -l
