"""Encrypted copies in the age format, which the age program opens, too (`age -d`)."""

import os
from pathlib import Path
from typing import Final

HEADER: Final = b"age-encryption.org/"
SUFFIX: Final = ".age"


class WrongKey(Exception):
    """The passphrase is not the one it was sealed with, or the file is damaged or cut short."""


def is_sealed(path: Path) -> bool:
    """Whether a file is encrypted in this way, whatever it is called."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def seal(source: Path, target: Path, passphrase: str) -> None:
    """Write a file encrypted into a new one, readable by its owner only; takes twice the file's size in memory."""
    from pyrage import passphrase as age  # loaded by who needs it

    sealed = age.encrypt(source.read_bytes(), passphrase)
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def unseal(source: Path, target: Path, passphrase: str) -> None:
    """Write a file decrypted into a new one, readable by its owner only. Raises WrongKey; then nothing is written."""
    from pyrage import DecryptError
    from pyrage import passphrase as age

    try:
        content = age.decrypt(source.read_bytes(), passphrase)
    except DecryptError:
        raise WrongKey(f"{source} cannot be opened: another passphrase, or the file is damaged") from None
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(content)
