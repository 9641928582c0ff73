"$bench" compare "$CASES/before.json" "$CASES/before.json"
