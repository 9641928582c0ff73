stories | wirecopy pairs -q
