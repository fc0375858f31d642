"""Recognizes files of other kinds by their first bytes."""

from tasks.interchange.lines import UnreadableError

SAVE_AS_CSV = 'save the sheet as "CSV UTF-8" and import that file'
UNPACK = "unpack it and import the file in it"
EXPORT_AGAIN = "write it again as JSON Lines or CSV"
SIGNATURES = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": f"an Excel workbook: {SAVE_AS_CSV}",
    b"\x1f\x8b": f"packed by gzip twice: {UNPACK}",
    b"BZh": f"packed by bzip2: {UNPACK}",
    b"\xfd7zXZ\0": f"packed by xz: {UNPACK}",
    b"\x28\xb5\x2f\xfd": f"packed by zstd: {UNPACK}",
    b"7z\xbc\xaf\x27\x1c": f"a 7z archive: {UNPACK}",
    b"Rar!\x1a": f"a RAR archive: {UNPACK}",
    b"%PDF-": f"a PDF: {EXPORT_AGAIN}",
    b"{\\rtf": f"a formatted text (RTF): {EXPORT_AGAIN}",
    b"SQLite format 3\0": "an SQLite database: export its tasks with export_tasks and import that file",
    b"<?xml": f"an XML document: {EXPORT_AGAIN}",
    b"PGDMP": "a dump of pg_dump: restore it with pg_restore, and export its tasks with export_tasks",
}
WEB_PAGE = "a web page, of a log-in perhaps: log in and download the export again"
# What a workbook has near its beginning, by Microsoft's programs and by LibreOffice.
WORKBOOKS = (b"[Content_Types].xml", b"xl/", b"opendocument.spreadsheet")


def refuse_other_files(head: bytes) -> None:
    """Raises UnreadableError for a file that is known by its first bytes."""
    if kind := kind_of(head):
        raise UnreadableError(f"The file is {kind}")


def kind_of(head: bytes) -> str | None:
    if head.startswith(b"PK\x03\x04"):
        is_workbook = any(name in head for name in WORKBOOKS)
        return f"an Excel or LibreOffice workbook: {SAVE_AS_CSV}" if is_workbook else f"a ZIP archive: {UNPACK}"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html", b"<!--")):
        return WEB_PAGE
    return next((kind for signature, kind in SIGNATURES.items() if head.startswith(signature)), None)
