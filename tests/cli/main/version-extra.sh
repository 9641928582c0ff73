for args in 'version now' '--version find'; do
    wirecopy $args
    echo "status $?"
done
