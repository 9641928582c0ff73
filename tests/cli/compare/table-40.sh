two_files
COLUMNS=40 wirecopy compare -f table a.txt b.txt
