# What is out of range is said; nothing found is no failure.
for option in "-l 7" "-c 1" "-s 1.5"; do wirecopy passages $option; echo "status $?"; done
{ record a "$ferry"; record b "$library"; } | wirecopy passages -q; echo "status $?"
{ record a "$ferry"; record b "$ferry"; } | wirecopy passages -q -c 3; echo "status $?"
