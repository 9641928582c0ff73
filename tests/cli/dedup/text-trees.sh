# Files of several inputs stand below the inputs' names.
paper one
paper two
printf '%s\n' "$library$ferry" >two/own.txt
printf 'Nothing else is like this line of a few words.\n' >single.txt
wirecopy dedup -q one/ two single.txt -o clean/
echo "status $?"
find clean -type f | sort
