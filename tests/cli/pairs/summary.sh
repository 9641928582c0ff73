stories | wirecopy pairs | wc -l
