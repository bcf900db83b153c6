"""Where the files that archgen ships lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path


def resource(name: str) -> Path:
    """The directory ``templates`` or ``specs``; raises ``FileNotFoundError`` where the installation lacks it."""
    package = Path(__file__).resolve().parent
    for directory in (package / name, package.parent / name):
        if directory.is_dir():
            return directory
    raise FileNotFoundError(f"archgen's {name} are neither in {package} nor beside it")
