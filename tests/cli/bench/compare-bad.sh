cd "$CASES" || exit 1
"$bench" compare before.json
echo $?
"$bench" compare before.json none.json
echo $?
"$bench" compare setup.sh before.json
echo $?
"$bench" compare /dev/null before.json
echo $?
