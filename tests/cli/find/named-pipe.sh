mkfifo pipe
stories >pipe &
wirecopy find -q pipe | wc -l
