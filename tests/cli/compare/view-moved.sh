# Paragraphs in another order, one of them changed, and one twice.
first='The council met on Monday to vote on the new bridge across the river.'
second='Mayor Ilse Warrender said that the old one had carried carts for two centuries.'
third='Work is to begin in April and to last two years, the engineer explained.'
fourth='Fishermen asked who would pay for the nets that were lost last winter.'
printf '%s\n' "$first" "$second" "$third" "$fourth" >a.txt
printf '%s\n' "$first" "$fourth" "$third" "${second/two/three}" "$first" >b.txt
COLUMNS=80 wirecopy compare -q -f table a.txt b.txt
COLUMNS=80 wirecopy compare -q -f table b.txt a.txt | sed 1,/^$/d
wirecopy compare -f csv a.txt b.txt
