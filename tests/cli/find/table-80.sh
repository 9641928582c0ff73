stories | wirecopy find -q -f table
