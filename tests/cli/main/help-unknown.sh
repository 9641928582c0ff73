wirecopy help fidn
