# A MiB that unpacks to more than a GiB ends the archive.  16 MiB of zeros are
# compressed once and written 69 times.
python3 - <<'END'
import zipfile
import zlib
piece = bytes(1 << 24)
press = zlib.compressobj(9, zlib.DEFLATED, -15)
packed = press.compress(piece) + press.flush(zlib.Z_FULL_FLUSH)
zeros = zipfile.ZipInfo("zeros.jsonl")
zeros.compress_type = zipfile.ZIP_DEFLATED
for _ in range(69):
    zeros.CRC = zlib.crc32(piece, zeros.CRC if zeros.file_size else 0)
    zeros.file_size += len(piece)
zeros.compress_size = 69 * len(packed) + 2
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as out:
    out.writestr("a.txt", "the first one is fine")
    zeros.header_offset = out.fp.tell()
    out.fp.write(zeros.FileHeader() + 69 * packed + b"\3\0")
    out.start_dir = out.fp.tell()
    out.filelist.append(zeros)
    out.writestr("z.txt", "never read")
END
wirecopy find --max-document 1M bomb.zip
echo "status $?"
