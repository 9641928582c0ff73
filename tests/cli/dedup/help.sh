wirecopy dedup --help
