# What can be read only once is kept in a file meanwhile; none remains.
mkdir spool
stories | wirecopy find -q --tmpdir spool | wc -l
ls -A spool
stories | wirecopy find -q --tmpdir no-such-folder
echo "status $?"
