# Archives in archives are left alone, and said.
printf '%s\n' "$ferry" >one.txt
tar cf inner.tar one.txt
tar cf outer.tar one.txt inner.tar
wirecopy find -q outer.tar
echo "status $?"
