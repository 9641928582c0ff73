# Excerpts are one line each.
printf 'One line,\n\n   \t another\302\240one.  And quite something else at the end.\n' >a.txt
printf 'One line, another\343\200\200one. What?\n' >b.txt
wirecopy compare -f table a.txt b.txt
