# Blank lines are nothing; lines are counted all the same.
{ echo; record '' "$ferry"; echo '   '; printf '\r\n'; record '' "$ferry"
    echo; } >in.jsonl
wirecopy find -q in.jsonl
