# 'help COMMAND' and 'COMMAND --help' are the same, for each that is listed.
wirecopy help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >commands
while read -r command; do
    wirecopy "$command" --help >one
    wirecopy help "$command" | cmp - one && head -n 1 one
done <commands
wirecopy help help | head -n 1
wirecopy help version | head -n 1
