stories | wirecopy pairs -q -f table
