stories | wirecopy dedup -q >/dev/full
echo "status $?"
stories | wirecopy dedup -q -o /dev/full
echo "status $?"
stories | wirecopy dedup -q -o out --removed /dev/full
echo "status $?"
ls
