for args in --glod=x --max-errors=0 --max-errors=x; do
    wirecopy eval "$args" </dev/null
    echo "status $?"
done
