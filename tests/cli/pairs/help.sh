wirecopy pairs --help
