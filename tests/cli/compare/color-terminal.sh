# As in find: a terminal is coloured unless its owner forbids it, a file never.
printf 'one two three four five six seven eight nine ten\n' >a.txt
printf 'one two three four five six seven eight nine eleven\n' >b.txt
pty="import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
compare="wirecopy compare -q a.txt b.txt"
for change in A=1 NO_COLOR=1 TERM=dumb; do
    echo "$change"
    env COLUMNS=80 TERM=xterm $change python3 -c "$pty" $compare |
        tr -d '\r' | sed -n 6p
done
echo "-o"
$compare -f table -o out.txt
sed -n 6p out.txt
