# Plain text on standard input is one document.
printf '%s\n' "$ferry" | wirecopy find --input-format text | wc -c
