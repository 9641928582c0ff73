wirecopy --version
