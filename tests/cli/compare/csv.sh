two_files
wirecopy compare -f csv a.txt b.txt
wirecopy compare -f tsv a.txt b.txt
