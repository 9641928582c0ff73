# Titles give way; a width below 40 is not believed.
stories | COLUMNS=60 wirecopy find -q -f table
stories | COLUMNS=39 wirecopy find -q -f table |
    cmp - <(stories | wirecopy find -q -f table)
