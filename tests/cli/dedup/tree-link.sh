# A link in the folder that is there does not lead the copies out of it; one
# that is the folder itself, or leads to it, does no harm.
paper news
mkdir clean elsewhere
ln -s ../elsewhere clean/north
wirecopy dedup -q news -o clean
echo "status $?"
rm clean/north
ln -s clean link
wirecopy dedup -q news -o link
echo "status $?"
find clean elsewhere | sort
