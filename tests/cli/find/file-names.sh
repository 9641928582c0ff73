# Spaces and Han stay; bytes that are not UTF-8 are shown as %XX.
printf '%s\n' "$ferry" >'a b.txt'
printf '%s\n' "$ferry" >'澜汀.txt'
printf '%s\n' "$ferry" >$'bad\xff.txt'
printf '%s\n' "$ferry" >$'new\nline.txt'
wirecopy find -q -f tsv . | cut -f 5,6
