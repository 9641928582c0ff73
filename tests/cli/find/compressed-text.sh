printf '%s\n' "$ferry" | gzip >a.txt.gz
printf '%s\n' "$ferry" >b.txt
wirecopy find -q -f tsv a.txt.gz b.txt | cut -f 3,5,11
