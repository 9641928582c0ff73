# As in find: only 'always' colours what goes to no terminal, and only a table;
# a terminal is coloured unless its owner forbids it.
copies() { record a "$ferry"; record b "$ferry_cut"; }
copies | wirecopy passages -q -f table --color always
copies | wirecopy passages -q -f table
copies | wirecopy passages -q -f csv --color always | head -n 1
copies >copies.jsonl
pty="import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
for change in A=1 NO_COLOR=1 TERM=dumb; do
    echo "$change"
    env COLUMNS=80 TERM=xterm $change python3 -c "$pty" \
        wirecopy passages -q copies.jsonl | tr -d '\r' | head -n 1
done
