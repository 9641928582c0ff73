# Shorter than a shingle: the whole text is one; without letters: none.
{ record a '雨'; record b '雨。'; record c '!!!'; record d '...'; record e '雪'
} | wirecopy find -q -f tsv | cut -f 1-5,11,12
