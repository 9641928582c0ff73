# Another day's issue of a form is a template, also where every relation is
# asked for and nothing leaves its group; here three lists of prices, and one
# of them printed again.
notes() {
    printf '{"id":"%s","date":"%s","text":"Harbour market, %s. Cod was sold at %s crowns a box, plaice at %s crowns, and herring at %s crowns the barrel. Boats landed %s boxes in all. The auction begins at six in the morning, says the harbour office, and closes when the last box is gone."}\n' "$@"
}
{
    notes mon 2024-03-04 'March 4' 41.50 18.25 96.75 1240
    notes tue 2024-03-05 'March 5' 43.75 17.50 99.25 1187
    notes wed 2024-03-06 'March 6' 39.25 19.00 91.50 1355
    notes again 2024-03-07 'March 6' 39.25 19.00 91.50 1355
} > prices.jsonl
wirecopy find -q --format jsonl --threshold .5 --relations all prices.jsonl
wirecopy find -q --format jsonl --threshold .5 prices.jsonl
