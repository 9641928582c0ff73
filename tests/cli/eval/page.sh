# A page counts in no group of its stories, whatever find says.
record page "$bridge

$library

$ferry" '' 2019-04-13 >in.jsonl
record a "$bridge" '' 2019-04-12 >>in.jsonl
record b "$ferry" '' 2019-04-12 >>in.jsonl
wirecopy find -q -f csv in.jsonl | cut -d, -f1,5,11
printf 'page\t1\na\t1\nb\t2\n' >story.tsv
printf 'page\t3\na\t1\nb\t2\n' >own.tsv
printf 'page\ta\tembedded\npage\tb\tembedded\n' >relation.tsv
printf 'page\ta\t1\na\tb\t0\n' >pairs.tsv
for gold in story own relation pairs; do
    wirecopy eval -q -f csv -g $gold.tsv in.jsonl | tail -n 1
done
