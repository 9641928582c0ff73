wirecopy --help >one
wirecopy -h | cmp - one
wirecopy help | cmp - one
