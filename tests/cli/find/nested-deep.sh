{ record a "$ferry"
    printf '{"id":"deep","x":'
    printf '[%.0s' {1..5000}; printf ']%.0s' {1..5000}
    printf ',"text":"x"}\n'
} >in.jsonl
wirecopy find -q in.jsonl
