# What a terminal gets by default, and how its owner can forbid it: NO_COLOR
# that is not empty, or a terminal that is called nothing or dumb.
stories >stories.jsonl
on_terminal() { # ASSIGNMENT... COMMAND...: the first lines
    env COLUMNS=80 TERM=xterm "$@" | tr -d '\r' | head -n 2
}
pty="import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
find="wirecopy find -q stories.jsonl"
on_terminal python3 -c "$pty" $find
for change in NO_COLOR=1 NO_COLOR= TERM=dumb TERM=; do
    echo "$change"
    on_terminal $change python3 -c "$pty" $find
done
echo "--color never"
on_terminal python3 -c "$pty" $find --color never
