# Only 'always' colours what goes to no terminal, and only a table.
stories | wirecopy find -q -f table --color always
stories | wirecopy find -q -f table --color=never
stories | NO_COLOR=1 wirecopy find -q -f table --color=always | head -n 1
stories | wirecopy find -q -f csv --color always | head -n 2
stories | wirecopy pairs -q -f table --color always
wirecopy find --color sometimes
