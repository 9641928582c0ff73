two_files
wirecopy compare -f table a.txt b.txt
