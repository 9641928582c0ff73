# Rows end in CR LF; what needs quotes has them.
{ record one "$ferry" 'Fire, smoke and a "bell"' 2019-03-03 $'two\nlines'
    record two "$ferry" 'plain' '' ''; } | wirecopy find -q -f csv
