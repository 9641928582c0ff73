# Every field may have another name; dots lead into objects.
for id in n1 n2; do
    printf '{"meta":{"nr":"%s","paper":{"name":"Post"}},"head":"H %s",' $id $id
    printf '"day":"2019-03-03","body":{"plain":"%s"}}\n' "$ferry"
done | wirecopy find -q --text-field body.plain --id-field meta.nr \
    --title-field head --date-field day --source-field meta.paper.name
