wirecopy --help
