# Help that does not arrive is a failure too.
for args in --help --version 'find --help' 'help pairs'; do
    wirecopy $args >/dev/full
    echo "$args: status $?"
done
