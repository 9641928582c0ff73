# Words are marked whole, on both sides; signs and spaces are not.
echo "When a Fire broke out, the Captaine laugh'd and turn'd 1,200 Passengers away" >a.txt
echo "When the fire broke out the captain laughed, and turned 1,300 passengers a way" >b.txt
COLUMNS=200 wirecopy compare -q -f table a.txt b.txt | sed 1,/^$/d
