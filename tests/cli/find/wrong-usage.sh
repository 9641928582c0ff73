for args in --tresholds=1 --nothing-like-it -x -qx --threshold '-t' --quiet=1 \
    --no-threshold --no-such '--format= table'; do
    wirecopy find "$args" </dev/null
    echo "status $?"
done
