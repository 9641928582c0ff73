# A folder that is there gets the files beside what it has; one that is not
# there is made, with the folders that lead to it.
paper news
mkdir -p clean/north
echo mine >clean/north/mine.txt
wirecopy dedup -q news -o clean
echo "status $?"
wirecopy dedup -q news -o made/for/this/
echo "status $?"
find clean made | sort
(umask 027; wirecopy dedup -q news -o narrow/)
stat -c '%a %n' narrow narrow/south
