"""Writing: the whole of a file or nothing of it, in the place that the user means."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from archgen.errors import ArchgenError


def write(path: str | Path, data: bytes) -> None:
    """Write a file: to a temporary one beside it, which then takes its place; raises ``ArchgenError``.

    A device or a pipe is written to as it is.
    """
    if str(path).endswith(("/", os.sep)):
        raise ArchgenError(f"cannot write {str(path)!r}: it ends like a directory", hint="name a file")
    target = Path(os.path.realpath(path)) if os.path.islink(path) else Path(path)
    temporary: str | None = None
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            Path(path).write_bytes(data)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".archgen-", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = None
    except FileExistsError:
        raise ArchgenError(f"cannot write {str(path)!r}: {str(target.parent)!r} is no directory") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArchgenError(f"cannot write {str(path)!r}: {reason}") from None
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


def targets(names: Sequence[str], output: str | None, suffix: str, folder: str = "generated") -> list[str | Path]:
    """Where the results of some specs go: ``output`` is a file, a directory, ``-``, or absent for ``folder``.

    Raises ``ArchgenError`` where several would go to one file, and where ``output`` is neither kind of path.

    >>> [str(path) for path in targets(["cnn", "mlp"], "figures", ".svg")]
    ['figures/cnn.svg', 'figures/mlp.svg']
    """
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArchgenError(f'two of the specs have the name "{twice}"', hint='change the "name" of one')
    if output == "":
        raise ArchgenError("there is nothing after -o", hint="name a file, a directory, or - for standard output")
    if output is None or is_folder(output):
        return [Path(folder if output is None else output) / f"{name}{suffix}" for name in names]
    if output != "-" and Path(output).suffix.lower() != suffix and not Path(output).exists():
        hint = f"end it with {suffix} for a file, with / for a directory"
        raise ArchgenError(f"{output!r} does not end in {suffix}", hint=hint)
    if len(names) > 1:
        raise ArchgenError(f"{len(names)} specs cannot go to one file", hint="give -o a directory")
    return [output]


def is_folder(output: str) -> bool:
    """Whether a path means a directory: one that is there, or ends in ``/``, or has no suffix."""
    if output == "-":
        return False
    path = Path(output)
    return path.is_dir() or output.endswith(("/", os.sep)) or (not path.suffix and not path.exists())
