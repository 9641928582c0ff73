# A text that was cut: how much of it is there, and where it ends.
whole="$bridge$library$ferry"
echo "$whole" >whole.txt
echo "${whole%and ordered*}" >cut.txt
echo "${whole#*大桥全长}" >late.txt
echo "${library}" >middle.txt
echo "《独家》$bridge$library 本报版权所有，不得转载。" >other.txt
for name in cut late middle other; do
    wirecopy compare -f table whole.txt $name.txt | sed -n '/^$/,/Jaccard/p'
done
wirecopy compare -f table cut.txt whole.txt | sed -n '/^$/,/Jaccard/p'
