stories | COLUMNS=120 wirecopy find -q -f table
