# The verdict, and what only one of the two has, stand out.
printf 'one two three four five six seven eight nine ten\n' >a.txt
printf 'one two three four five six seven eight nine eleven\n' >b.txt
wirecopy compare -q -f table --color always a.txt b.txt
