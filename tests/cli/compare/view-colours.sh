# With colours no brackets are needed; context is plain.
two_files
COLUMNS=80 wirecopy compare -q -f table --color always a.txt b.txt
COLUMNS=60 wirecopy compare -q -f table --color always a.txt b.txt | sed 1,/^$/d
