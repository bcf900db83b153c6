"""Run the scripts that ``requests.json`` names, one after the other, and tell what became of each."""

import contextlib
import io
import json
import runpy
import sys
import traceback
import warnings
from pathlib import Path


def run(name: str, options: list[str]) -> dict[str, object]:
    """One script's output, the warnings that concern it, and how it failed."""
    sys.argv = [f"{name}.py", *options]
    output, error = io.StringIO(), None
    with contextlib.redirect_stdout(output), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except BaseException:
            error = traceback.format_exc()
    told = [str(each.message) for each in caught if not issubclass(each.category, DeprecationWarning)]
    return {"output": output.getvalue(), "warnings": told, "error": error}


if __name__ == "__main__":
    requests = json.loads(Path("requests.json").read_text("utf-8"))
    answers = {name: run(name, options) for name, options in requests}
    Path("answers.json").write_text(json.dumps(answers), "utf-8")
