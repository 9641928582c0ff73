stories | wirecopy compare -#a1 -#a2
