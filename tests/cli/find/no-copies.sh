{ record a "$ferry"; record b "$library"; } | wirecopy find
