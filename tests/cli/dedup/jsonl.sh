# The first of each story stays, in the order of the input.
stories | wirecopy dedup -q
