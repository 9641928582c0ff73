# Scores and mistakes of before are no documents.
mkdir texts
echo "$bridge" >texts/a.txt
echo "$library" >texts/b.txt
printf 'texts/a.txt\t1\ntexts/b.txt\t1\n' >gold
for i in 1 2; do
    wirecopy eval -q -g gold texts -o texts/scores
    echo "status $?"
done
rm texts/scores
for i in 1 2; do
    wirecopy eval -q -g gold texts -o scores --errors texts/errors
    echo "status $?"
done
