# --save writes what --json does, and compare reads both.
"$bench" lsh --quick -N 3000 --threads 1 --json >a.json &&
    "$bench" lsh --quick -N 3000 --threads 1 --save b.json >tables &&
    "$bench" compare a.json b.json >compared && grep -c gain compared
cut -d '"' -f 1-20 a.json | tail -n +2 >a; cut -d '"' -f 1-20 b.json | tail -n +2 >b
cmp a b; head -n 3 a; tail -n 1 tables | cut -c 1-20
