stories | wirecopy eval
