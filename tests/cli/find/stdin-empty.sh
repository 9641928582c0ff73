wirecopy find </dev/null
echo "status $?"
: | wirecopy find --input-format text
echo "status $?"
