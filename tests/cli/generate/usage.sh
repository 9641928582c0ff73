say() { echo "$? $*"; }
"$generate" news; say an operand
"$generate" --sped; say an option that does not exist
"$generate" -n; say no value
"$generate" -n 0; say no documents
"$generate" -n 4000000001; say too many
"$generate" -n 1.5; say no whole number
"$generate" -n 1K; say a unit that does not belong there
"$generate" --size 2X; say no such unit
"$generate" --size 0; say no bytes
"$generate" --size 99999999999999999999; say more than fits
"$generate" -c 1; say nothing but copies
"$generate" -c -0.1; say a share below nothing
"$generate" -c nan; say no share
"$generate" --lang=de; say another language
"$generate" --seed -1; say no seed
"$generate" -n 5 -o none/news.jsonl; say a folder that does not exist
"$generate" -n 5 -o news.jsonl -g none/gold; say no place for gold
"$generate" -n 5 >/dev/full; say no room
