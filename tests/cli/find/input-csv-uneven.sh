# A row needs its text and no more; a quote that does not end costs one line,
# and a comma in a text without quotes is said.  Empty fields at the end are
# none.
{ echo id,title,text,date
    echo "a,t,\"$ferry\""
    echo b,short
    echo "c,t,\"$ferry\",2019-01-02,,"
    echo "f,t,$ferry,2019-01-04,more"
    echo 'd,t,"no end,2019-01-03'
    echo "e,t,$ferry,2019-01-01"; } >in.csv
wirecopy find -f tsv in.csv | cut -f 1,5,7,9
echo "status ${PIPESTATUS[0]}"
