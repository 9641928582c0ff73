# What is installed beside the program comes from it.
wirecopy help --man | sed -n '1,6p'
for shell in bash zsh fish; do
    wirecopy help --completion $shell | head -n 2
done
for args in --completion '--completion tcsh' '--completion bash zsh' --main; do
    wirecopy help $args
    echo "status $?"
done
for args in --man '--completion bash'; do
    wirecopy help $args >/dev/full
    echo "$args: status $?"
done
