{ record 'one, two' "$ferry"; record 'a "quote"' "$ferry"; } |
    wirecopy pairs -q -f csv
