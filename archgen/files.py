"""Writing: the whole of a file or nothing of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from archgen.errors import ArchgenError


def write(path: str | Path, data: bytes) -> None:
    """Write a file: to a temporary one beside it, which then takes its place; raises ``ArchgenError``."""
    target = Path(path)
    if target.is_symlink():
        target = target.resolve()
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise ArchgenError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those that a new file gets."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
