# Nothing on standard output, nothing left beside the file.
stories >in.jsonl
umask 027
wirecopy find -q -o out.csv -f csv in.jsonl
ls
stat -c %a out.csv
wc -l <out.csv
