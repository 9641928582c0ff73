two_files
LC_ALL=C wirecopy compare a.txt b.txt >one
LC_ALL=de_DE.UTF-8 wirecopy compare a.txt b.txt | cmp - one
