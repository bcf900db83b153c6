"""The page of the docs on which a run is published."""

from __future__ import annotations

from collections import Counter

from tests.differential.run import Options, Result


def page(result: Result, options: Options, minutes: float) -> str:
    """The figures of a run, with the command that gives them."""
    reasons = Counter(entry["reason"] for entry in result.stricter)
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return PAGE.format(
        command=f"make fuzz N={options.count} SEED={options.seed}",
        minutes=f"{minutes:.0f}",
        jobs=options.jobs,
        every=options.run_every,
        rows="\n".join(f"| {name} | {value} |" for name, value in result.rows()),
        why="\n".join(f"| {count} | {reason} |" for reason, count in ordered),
    )


PAGE = """# How archgen agrees with Keras

archgen works out shapes, dtypes and weights without Keras, so each of its rules has to be Keras's own. Two harnesses
hold them to it, on every commit:

- `tests/layers/` takes the declarations one at a time: arguments against the constructor's signature, and on random
  arguments and tensors the verdict, shapes, dtypes, weights and names against a model of that one layer.
- `tests/differential/` grows whole models, around every pair of layers and functions of which the second can read
  what the first gives: arguments at their bounds, several inputs and outputs, shared layers, repeats, blocks,
  sub-models, changed stretches of the examples, and mistakes. A second reading of the spec, which knows nothing of
  archgen's inference or of its generator, builds each with Keras.

There are four ways to part: A1 archgen accepts what Keras refuses; A2 both accept, and shapes, dtypes, weights, names
or connections differ; A3 both accept, and running the model fails, gives other shapes or dtypes than announced, or
NaN; B archgen refuses what Keras builds and runs.

Keras builds every model on its NumPy backend. Where the two part there, and for one in {every} of the other models,
Keras on TensorFlow has the last word: it builds the spec and the code that archgen generates for it, and runs the
model on random data, in prediction and in training.

## Measured

`{command}`, {minutes} minutes on {jobs} cores:

| | |
| --- | --- |
{rows}

Where archgen is stricter than Keras (B), a declaration says why; [the layers](layers.md) lists it with each of them.
In this run these were met:

| models | reason |
| --- | --- |
{why}

## Run it

```
make fuzz N=100000            # models; a new seed, which is printed
make fuzz N=100000 SEED=7     # the same models again
```

Each failure is made as small as it goes and printed as a spec. `tests/differential/found.jsonl` holds those that ever
failed; the tests judge all of them again, and 3,000 new models.
"""
