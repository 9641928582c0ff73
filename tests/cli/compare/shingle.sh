two_files
wirecopy compare -n 2 -f table a.txt b.txt
