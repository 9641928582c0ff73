mkdir -p papers/one
echo "$ferry" >papers/one/ferry.txt
echo "$ferry_cut" >papers/ferry.txt
wirecopy compare papers#one/ferry.txt papers/#papers/ferry.txt
