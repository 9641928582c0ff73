echo "$ferry" >a.txt
echo "$ferry_cut" >b.txt
wirecopy compare --signature minhash-classic a.txt b.txt | cut -d, -f 7,8
