for args in --treshold --threshold=2 --format=html -z; do
    wirecopy pairs "$args" </dev/null
    echo "status $?"
done
