wirecopy eval --help | sed '/^What counts/,/^when there is none/d'
