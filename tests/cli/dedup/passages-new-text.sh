# A copy with a new paragraph: that stays, and its own copy goes for it; a
# changed word does not.
new=' Her owners said that a new pump room would be built in the yard at Thorney Haven before the summer, and that she would sail again in May with a crew of thirty-one.'
half=${ferry%% The captain*}
rest=" The captain${ferry#*The captain}"
{
    record a "$ferry"
    record b "$half$new${rest/open/upper}"
    record c "In brief.$new More on page four."
} >in.jsonl
wirecopy dedup --passages -q in.jsonl -o out.jsonl --removed gone.jsonl
cat out.jsonl
check_cuts in.jsonl out.jsonl gone.jsonl
