wirecopy passages --help
