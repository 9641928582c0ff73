# The header decides what is between fields.
for between in ',' ';' '|' $'\t'; do
    { echo "id${between}text${between}title"
        echo "a${between}\"$ferry, ; | 	\"${between}t1"
        echo "b${between}\"$ferry\"${between}\"t2\""; } >in.csv
    wirecopy find -q -f tsv in.csv | cut -f 1,5,7,8,11
done
