"""Files that bear the name of something else: what an unfinished or failed download leaves behind."""

STARTS = {
    b"version https://git-lfs": "a Git LFS pointer and not the file itself: run `git lfs pull`, or copy the file again",
    b"/annex/objects/": "a git-annex pointer and not the file itself: run `datalad get .`, or copy the file again",
    b"../.git/annex": "a git-annex pointer and not the file itself: run `datalad get .`, or copy the file again",
    b"<!doctype html": "a web page (HTML), such as one that asks to log in: download the file again",
    b"<html": "a web page (HTML), such as one that asks to log in: download the file again",
    b"PK\x03\x04": "a ZIP archive: unpack it",
    b"\x1f\x8b": "a gzip archive: unpack it",
}


def impostor(data: bytes) -> str | None:
    """What a file really is and what to do, by its first bytes; None where they are none of the known ones."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((said for known, said in STARTS.items() if start.startswith(known.lower())), None)
