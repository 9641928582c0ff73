# Two outputs in one file would be none.
gold 'a1 1'
for args in '--errors - ' '--errors out -o out' '--errors ./out -o out' \
    '--errors /dev/stdout -o -'; do
    stories | wirecopy eval -q -g gold.tsv $args
    echo "status $?"
done
# If one cannot be written the other is not there either.
stories | wirecopy eval -q -g gold.tsv --errors /dev/full -o scores
echo "status $?"
stories | wirecopy eval -q -g gold.tsv --errors wrong -o /dev/full
echo "status $?"
ls
