# Names for columns that have none.
{ echo "a,t1,\"$ferry\""; echo "b,t2,\"$ferry\""; } >in.csv
wirecopy find -q --columns id,title,text -f tsv in.csv | cut -f 5,7,8
tr , '\t' <in.csv >in.tsv
wirecopy find -q --columns id,title,text -f tsv in.tsv | cut -f 5,7,8
wirecopy find --columns id,title in.csv
echo "status $?"
