wirecopy compare --help | sed '/^What counts/,/^ *--strict/d'
