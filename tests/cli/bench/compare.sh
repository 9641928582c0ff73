"$bench" compare "$CASES/before.json" "$CASES/after.json"
