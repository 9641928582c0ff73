echo "$ferry" >whole.txt
echo "${ferry% The captain*}" >part.txt
wirecopy compare -f table part.txt whole.txt | sed -n 6,9p
wirecopy compare -f table whole.txt part.txt | sed -n 6,9p
wirecopy compare -f table whole.txt whole.txt | sed -n 6,9p
wirecopy compare -f table -t .4 whole.txt part.txt | sed -n 6,9p
wirecopy compare -f table -t .4 whole.txt part.txt | sed -n 6,9p
