# Whose gold it is, and what does not go together.
record a "$bridge" >in.jsonl
gold 'a 0 99 x' 'a 5 9 x'
wirecopy eval -g gold.tsv in.jsonl; echo "status $?"
wirecopy eval --passages -g gold.tsv -t .7 in.jsonl; echo "status $?"
wirecopy eval --min-length 20 -g gold.tsv in.jsonl; echo "status $?"
wirecopy eval --passages -g gold.tsv --errors e in.jsonl; echo "status $?"
wirecopy eval --passages in.jsonl; echo "status $?"
for line in 'a 9 5 x' 'a 1 2' 'nobody 1 5 x' 'a 1 5.5 x'; do
    gold 'a 0 5 x' "$line"
    [ "${line%% *}" = a ] || gold "$line"
    wirecopy eval --passages -g gold.tsv in.jsonl; echo "status $?"
done
mkdir x y && cp in.jsonl x/a.txt && cp in.jsonl y/a.txt
gold 'a.txt 0 5 x'
wirecopy eval --passages -g gold.tsv x y; echo "status $?"
