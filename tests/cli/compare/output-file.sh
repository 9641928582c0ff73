two_files
wirecopy compare -o out.json a.txt b.txt
wirecopy compare a.txt b.txt | cmp - out.json
wirecopy compare -o missing/out.json a.txt b.txt
