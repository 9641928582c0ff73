wirecopy sign --help
