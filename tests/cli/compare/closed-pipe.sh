two_files
wirecopy compare a.txt b.txt | true
echo "status ${PIPESTATUS[0]}"
