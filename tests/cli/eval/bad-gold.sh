try() {
    gold "$@"
    stories | wirecopy eval -g gold.tsv
    echo "status $?"
}
try 'a1'
try 'a1 1' 'a2 1 x y'
try 'a1 1' 'a2 a1 1'
try 'a1 a2 1' 'a1 a3 reprint'
try 'a2 a1 reprnt'
try 'a2 a1 reprint' '' 'a3 a1 reprnt'
try 'a1 1' 'a2 1' 'a1 2'
try 'a1 a2 1' 'a2 a1 0'
try 'a1 a1 1'
try ' 1'
