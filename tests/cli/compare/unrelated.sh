echo "$ferry" >a.txt
echo "$library" >b.txt
wirecopy compare a.txt b.txt
wirecopy compare -f table a.txt b.txt
