"""A file as it was in a revision, read with git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from archgen.errors import ArchgenError, printable

PATIENCE = 60
"""Seconds that git may take."""


def read_revision(revision: str, path: str) -> tuple[bytes, str]:
    """The bytes of a file of the working tree as it is in a revision, and what to call that.

    The file is found by its place in the repository around it. Raises ``ArchgenError`` where git is missing, the
    file is in no repository, there is no such revision, or the file is not in it.
    """
    folder, name = os.path.split(path)
    # A file in a link to a directory belongs to the repository in which the directory is.
    folder = os.path.realpath(folder or ".")
    if not os.path.isdir(folder):
        raise ArchgenError(f"there is no file {path!r}", hint="the second argument is the file that a revision is of")
    inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode:
        hint = "give two files" if "not a git repository" in _said(inside) else _said(inside)
        raise ArchgenError(f"{revision!r} is no file, and {path!r} is in no git repository", hint=hint)
    # What begins with a dash would be read as an option.
    commit = (
        None if revision.startswith("-") else _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    )
    if commit is None or commit.returncode:
        raise ArchgenError(
            f"{revision!r} is no file, and no revision of the repository of {path!r}",
            hint="git log --oneline tells the revisions; the form is: archgen diff HEAD~1 FILE",
        )
    number = commit.stdout.decode().strip()
    blob = _git(folder, "cat-file", "blob", f"{number}:./{name}")
    if blob.returncode:
        hint = f"git log --oneline --follow -- {path} tells in which revisions it is"
        raise ArchgenError(f"there is no {path!r} in the revision {revision!r}", hint=printable(hint))
    return blob.stdout, f"{revision}:{Path(path).as_posix()}"


def _git(folder: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a directory; no shell reads the words."""
    try:
        return subprocess.run(
            ["git", "-C", folder, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        hint = "apt install git, or give two files"
        raise ArchgenError("comparing with a revision needs git, and there is none on PATH", hint=hint) from None
    except subprocess.TimeoutExpired:
        raise ArchgenError(f"git took longer than {PATIENCE} seconds") from None
    except (OSError, ValueError) as error:
        raise ArchgenError(f"git did not start: {error}") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what git complained of."""
    return printable(next(iter(done.stderr.decode(errors="replace").splitlines()), "git failed"))
