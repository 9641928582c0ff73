two_files
wirecopy compare a.txt b.txt
