echo "$ferry" >a.txt
echo "$ferry $bridge $ferry" >b.txt
wirecopy compare -f table a.txt b.txt
wirecopy compare -f table b.txt a.txt
wirecopy compare a.txt b.txt
