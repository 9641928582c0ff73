"$bench" --help
