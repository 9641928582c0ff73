wirecopy find --help
