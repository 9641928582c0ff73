"$generate" --help
