# Whatever ends the program, nothing is left of a file that is not finished,
# where the system knows files without names.
mkdir out
mkfifo pipe
wirecopy find -o out/r.jsonl pipe &
pid=$!
exec 3>pipe # which waits until it is read, when the output is there
stories >&3
disown $pid # or the shell would tell
kill -9 $pid
while kill -0 $pid 2>e; do sleep 0.01; done
exec 3>&-
python3 -c 'import os; os.open("out", os.O_TMPFILE | os.O_WRONLY)' 2>e ||
    rm -f out/.r*
ls -A out
stories | wirecopy find -q -o out/r.jsonl -
ls -A out
stories | wirecopy find -q -o out/r.jsonl - # replaced
wc -l out/r.jsonl
chmod 600 out/r.jsonl
stories | wirecopy find -q -o out/r.jsonl -
stat -c %a out/r.jsonl
ls -A out
