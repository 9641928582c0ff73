for name in fnid pair Find dedpu something ''; do
    wirecopy "$name" in.jsonl
    echo "status $?"
done
