mkdir papers
printf '%s\n' "$bridge" >papers/a.txt
printf '%s\n' "$bridge_hant" | iconv -f UTF-8 -t BIG5 >papers/b.txt
wirecopy pairs -q papers
