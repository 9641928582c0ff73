say() { echo "$? $*"; }
"$bench" hsah; say a command that does not exist
"$bench" hash sign; say two commands
"$bench" --sped; say an option that does not exist
"$bench" --runs; say no value
"$bench" --runs 0; say out of range
"$bench" --runs 1.5; say no whole number
"$bench" --size 1T; say a size without such a unit
"$bench" --quick=1; say a flag with a value
"$bench" --lang de; say another language
"$bench" --lengths 0-3; say a shingle of none
"$bench" --lengths 1-40; say too many
"$bench" --bands 30 --rows 5; say more values than there are
"$bench" hash --text none.txt; say no such text
echo 短 >short.txt; "$bench" hash --text short.txt; say a text too short
