wirecopy find </dev/null
