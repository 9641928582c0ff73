wirecopy eval --help | sed '/^What counts/,/^INPUT is/d'
