# What is out of range is said; nothing found is no failure.
wirecopy passages -l 7; echo "status $?"
wirecopy passages -c 1; echo "status $?"
wirecopy passages -s 1.5; echo "status $?"
{ record a "$ferry"; record b "$library"; } | wirecopy passages -q; echo "status $?"
{ record a "$ferry"; record b "$ferry"; } | wirecopy passages -q -c 3; echo "status $?"
