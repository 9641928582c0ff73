# A full disk is not a success.
stories | wirecopy find -q >/dev/full
echo "status $?"
stories | wirecopy find -q -o /dev/full
echo "status $?"
