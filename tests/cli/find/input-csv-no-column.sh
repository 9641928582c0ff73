# Without the column there is nothing to read; the columns are named.
printf 'headline;body\nx;y\n' >in.csv
wirecopy find -q in.csv
echo "status $?"
wirecopy find -q --text-field body in.csv
echo "status $?"
