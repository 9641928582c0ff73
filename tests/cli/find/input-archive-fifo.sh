# To look into a named pipe could wait for ever, so it is not done.
printf '%s\n' "$ferry" >one.txt
tar cf a.tar one.txt
mkfifo pipe
cat a.tar >pipe &
wirecopy find -q pipe
echo "status $?"
wait
