"""Grow random models, and hold archgen to Keras on each.

    python -m tests.differential [N] [--seed S] [--jobs 2] [--run-every 25] [--write docs/agreement.md]

Keras builds every model on its NumPy backend. What archgen and Keras do not agree on there, and one in
``--run-every`` of the others, is put to Keras on TensorFlow, which also builds the generated code and runs the model.
Ends with 1 where the two differ, with each failure made as small as it goes.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from pathlib import Path

from tests.differential.page import page
from tests.differential.run import Options, fuzz


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, nargs="?", default=3000, help="how many models (default 3000)")
    parser.add_argument("--seed", type=int, help="what they grow from (default: a new one, which is printed)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes on NumPy")
    parser.add_argument("--run-every", type=int, default=25, help="run one in so many on TensorFlow")
    parser.add_argument("--failures", type=Path, help="write what fails there, a spec a line")
    parser.add_argument("--write", type=Path, help="write the table there, as Markdown")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"{given.count} models from seed {seed}", flush=True)
    started = time.monotonic()
    options = Options(given.count, seed, given.jobs, given.run_every)
    result = fuzz(options, progress=sys.stderr.isatty())
    seconds = time.monotonic() - started
    print(result.table())
    print(f"\n{seconds:.0f} s")
    for failure in result.failures:
        print(f"\n{failure['kind']}: {failure['detail']}\n{json.dumps(failure['spec'])}")
    if given.failures:
        lines = (json.dumps(failure) + "\n" for failure in [*result.failures, *result.stricter])
        given.failures.write_text("".join(lines), "utf-8")
    if given.write:
        given.write.write_text(page(result, options, seconds / 60), "utf-8")
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
