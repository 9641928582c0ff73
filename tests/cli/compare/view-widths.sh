# One below the other, side by side, and no wider than can be read.
two_files
for width in 40 79 80 200 400; do
    echo "== $width"
    COLUMNS=$width wirecopy compare -q -f table a.txt b.txt | sed 1,/^$/d
done
