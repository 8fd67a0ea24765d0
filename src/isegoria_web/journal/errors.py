"""What the keeping of the journal refuses. Nobody meets these on a page: the doctor and the log name them."""


class JournalBroken(Exception):
    """The rows of a chain and its head do not belong together: somebody wrote past the software."""

    def __init__(self, chain: str, detail: str) -> None:
        super().__init__(f"The journal {chain}: {detail}. Compare it with a mirror (docs/journal.md).")


class ExportDiffers(Exception):
    """A file of the export is not a beginning of what the database holds; nothing was written to it."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__(
            f"{file}, line {line}: it is not what the database holds. Keep the file, compare it with a mirror "
            "(isegoria proof journal FILE --mirror COPY), and find out which of the two was rewritten."
        )


class NoKey(Exception):
    """The journal cannot be signed."""

    def __init__(self) -> None:
        super().__init__(
            "ISEGORIA_JOURNAL_KEY is not set, or is not 64 hexadecimal digits. Make one: "
            "python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
