# The end of a path will do if it is that of one.
mkdir -p news/north news/south
echo "$bridge" >news/north/a.txt
echo "$bridge_typo" >news/south/b.txt
echo "$ferry" >news/south/a.txt
echo "$ferry_cut" >news/south/ferry.txt
echo "$library" >news/a.txt
for id in b.txt south/b.txt news/south/b.txt a.txt .txt; do
    wirecopy find -q -f csv --of $id news | cut -d, -f1-3,5
    echo "status ${PIPESTATUS[0]}"
done
# What is an id as it stands is no end of another.
(cd news && wirecopy find -q -f csv --of north/a.txt . north/a.txt | cut -d, -f1-3,5)
(cd news && wirecopy find --of a.txt a.txt south/a.txt south/ferry.txt)
