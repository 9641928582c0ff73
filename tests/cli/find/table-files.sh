# Without titles, dates and sources only the path is left to show.
mkdir -p papers/lanting papers/yunya
printf '%s\n' "$bridge" >papers/lanting/bridge.txt
printf '%s\n' "$bridge_typo" >papers/yunya/bridge.txt
wirecopy find -q -f table papers
