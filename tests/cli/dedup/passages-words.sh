# A cut splits no word and no number, takes the punctuation behind it along,
# and leaves white space on one side.
shared='ational harbour commission has put the price of a berth for the winter months up again, it was announced late on Friday, and the total for the year is now put at 12,'
{
    record a "N${shared}400 crowns. Nothing else."
    record b "The intern${shared}500 crowns."
    record c "x"$'\n\n\n'"${shared#ational }000; so (as they say)"$'\n'"it was."
    record d "One.  ${shared#ational }"$'\n\n'"  Two."
    record e "   ${shared#ational }  "
    record f "One. ${shared#ational }"$'\n'
} >in.jsonl
wirecopy dedup --passages -q in.jsonl -o out.jsonl --removed gone.jsonl
cat out.jsonl
check_cuts in.jsonl out.jsonl gone.jsonl
