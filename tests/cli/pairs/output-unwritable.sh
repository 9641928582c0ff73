stories | wirecopy pairs -o no/such/place
