# The short help, on standard error: nothing was asked for.
wirecopy
