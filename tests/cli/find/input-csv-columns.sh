# Names for columns that have none.
{ echo "a,t1,\"$ferry\""; echo "b,t2,\"$ferry\""; } >in.csv
wirecopy find -q --columns id,title,text -f tsv in.csv | cut -f 5,7,8
tr , '\t' <in.csv >in.tsv
wirecopy find -q --columns id,title,text -f tsv in.tsv | cut -f 5,7,8
wirecopy find --columns id,title in.csv
echo "status $?"
# One name too few: all behind the one that is missing would be another.
sed 's/^/2019-04-01,/; s/$/,,/' in.csv >more.csv
wirecopy find --columns id,title,text more.csv
wirecopy find -q --columns day,id,title,text -f tsv more.csv | cut -f 5,7,8
wirecopy find -q --columns ,id,,text -f tsv more.csv | cut -f 5,7,8
wirecopy find --columns text more.csv
echo "status $?"
