# A MiB that unpacks to more than a GiB ends the archive.
python3 - <<'END'
import zipfile
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED,
                     compresslevel=9) as out:
    out.writestr("a.txt", "the first one is fine")
    with out.open("zeros.jsonl", "w", force_zip64=True) as member:
        for _ in range(1100):
            member.write(bytes(1 << 20))
    out.writestr("z.txt", "never read")
END
wirecopy find --max-document 1M bomb.zip
echo "status $?"
