echo "$bridge $library $ferry" >a.txt
echo "$ferry $library $bridge" >b.txt
wirecopy compare -f csv a.txt b.txt | cut -c -60
