"""Bytes of a file, spoilt at random: what a bad disk, a bad editor or a bad neighbour may have made of it."""

import random

NASTY = [
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\x1b[31m", b"\xe2\x80\xae", b"\xc2\x85",
    b"\xed\xa0\x80",
    b"../../", b"/etc/passwd", b"$(touch x)", b"`x`", b"'", b'"', b"%s", b"{0}", b"[", b"]" * 9, b"{" * 60, b"[" * 200,
    b"&a [*a]", b"!!python/object/apply:os.system [x]", b"!!timestamp x", b"<<: 1", b"__use_yte__: true", b"- ? :",
    b"-1", b"0", b"1e999", b"-1e-999", b"nan", b"inf", b"9" * 30, b"9" * 5000, b"2147483648", b"1_0", b"0x10",
    b"1.0.0",
    b"true", b"null", b"None", b"~", b",", b";", b"\t", b",,,,", b"x" * 3000, "é😀".encode(), "١".encode(),
    b"[]", b"{}",
]  # fmt: skip
STEPS = ("delete", "insert", "replace", "double", "swap", "cut", "flip", "word")


def mangled(data: bytes, rng: random.Random) -> bytes:
    """`data` with one to four things done to it: deleted, overwritten, doubled, lines exchanged, words replaced ..."""
    for _ in range(rng.randint(1, 4)):
        data = _step(data, rng.choice(STEPS), rng)
    return data


def _step(data: bytes, what: str, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 2, 8, 64, 512)))
    nasty = rng.choice(NASTY) if rng.random() < 0.8 else rng.randbytes(rng.randint(1, 12))
    if what == "delete":
        return data[:start] + data[end:]
    if what == "insert":
        return data[:start] + nasty + data[start:]
    if what == "replace":
        return data[:start] + nasty + data[end:]
    if what == "double":
        return data[:end] + data[start:]
    if what == "cut":
        return data[:start]
    if what == "flip":
        return (
            data[:start] + bytes(byte ^ 1 << rng.randrange(8) for byte in data[start : start + 1]) + data[start + 1 :]
        )
    separator = b"\n" if what == "swap" else rng.choice((b" ", b",", b": ", b"\t", b"\n", b'"'))
    parts = data.split(separator)
    one, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    if what == "swap":
        parts[one], parts[other] = parts[other], parts[one]
    else:
        parts[one] = nasty
    return separator.join(parts)
