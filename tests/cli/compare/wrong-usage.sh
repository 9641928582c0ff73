echo "$ferry" >a.txt
for args in '' a.txt 'a.txt a.txt a.txt' '--threshold=2 a.txt a.txt'; do
    # shellcheck disable=SC2086 # words
    wirecopy compare $args
    echo "status $?"
done
