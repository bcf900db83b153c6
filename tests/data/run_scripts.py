"""Run the scripts that ``requests.json`` names, one after the other, and tell what became of each.

A request is a label, a script, its options, and the data set whose download is to fail, if any.
"""

import contextlib
import io
import json
import runpy
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import keras


def refuse(*args: object, **kwargs: object) -> None:
    """A download without a network."""
    raise Exception("URL fetch failure on https://example.org/data.npz: None -- [Errno -2] Name or service not known")


@contextlib.contextmanager
def offline(name: str | None) -> Iterator[None]:
    """Let the download of a data set fail."""
    if name is None:
        yield
        return
    module = getattr(keras.datasets, name)
    load_data, module.load_data = module.load_data, refuse
    try:
        yield
    finally:
        module.load_data = load_data


def run(script: str, options: list[str], failing: str | None) -> dict[str, object]:
    """One script's output and errors, the warnings that concern it, and how it ended."""
    sys.argv = [script, *options]
    output, errors, status, told = io.StringIO(), io.StringIO(), 0, []
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors), offline(failing):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            try:
                runpy.run_path(script, run_name="__main__")
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
                if isinstance(end.code, str):
                    print(end.code, file=sys.stderr)
            except Exception:
                status = 1
                traceback.print_exc()
        told = [str(each.message) for each in caught if not issubclass(each.category, DeprecationWarning)]
    return {"output": output.getvalue(), "errors": errors.getvalue(), "warnings": told, "status": status}


if __name__ == "__main__":
    requests = json.loads(Path("requests.json").read_text("utf-8"))
    answers = {label: run(*request) for label, *request in requests}
    Path("answers.json").write_text(json.dumps(answers), "utf-8")
