echo '!!!' >a.txt
echo "$ferry" >b.txt
wirecopy compare a.txt b.txt
wirecopy compare -f table a.txt b.txt
wirecopy compare -f table a.txt a.txt
wirecopy compare -f csv a.txt a.txt
