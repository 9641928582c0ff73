# One is said in the singular.
echo '天' >a.txt
echo "天$bridge" >b.txt
echo "$bridge" >c.txt
COLUMNS=100 wirecopy compare -f table a.txt b.txt | head -n 4
COLUMNS=100 wirecopy compare -f table c.txt b.txt | head -n 8
