# No date, or none that is understood, comes after all dates.
{ record a "$ferry"
    record b "$ferry" '' 'last Tuesday'
    record c "$ferry" '' 2019-02-30
    record d "$ferry" '' 2030-01-01
} >in.jsonl
wirecopy find -f tsv in.jsonl | cut -f 5,9
