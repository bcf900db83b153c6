"""What a sub-model can be called with."""

from __future__ import annotations

from collections.abc import Sequence

from archgen.builder import GraphBuilder
from archgen.errors import LayerError
from archgen.layers.kinds import show
from archgen.tensors import Tensor


def check_entry(model: GraphBuilder, given: Sequence[Tensor]) -> None:
    """Raise ``LayerError`` where a model cannot be called with these tensors."""
    if len(given) != len(model.inputs):
        message = f"{model.name} takes {len(model.inputs)} inputs, found {len(given)}"
        raise LayerError(message, param="from", code="wrong-inputs")
    pairs = [(model.nodes[key].outputs[0], tensor) for key, tensor in zip(model.inputs, given, strict=True)]
    for wanted, found in pairs:
        if not _fits(wanted, found):
            raise LayerError(
                f"{model.name} takes {wanted}, found {found}",
                hint=f'write "shape": {show(found.shape[1:])} in the Input of {model.name}, or give it {wanted}',
            )
    unlike = [(wanted, found) for wanted, found in pairs if wanted.shape != found.shape]
    if unlike:
        _check_other_shapes(model, pairs, *unlike[0])


def fits(model: GraphBuilder, given: Sequence[Tensor]) -> bool:
    """Whether a model can be called with these tensors."""
    try:
        check_entry(model, given)
    except LayerError:
        return False
    return True


def _fits(wanted: Tensor, found: Tensor) -> bool:
    return wanted.rank == found.rank and all(
        one is None or two is None or one == two for one, two in zip(wanted.shape, found.shape, strict=True)
    )


def _check_other_shapes(
    model: GraphBuilder, pairs: Sequence[tuple[Tensor, Tensor]], wanted: Tensor, found: Tensor
) -> None:
    """Whether Keras can call a model on shapes that its Inputs leave open.

    It then goes through the layers again with the tensors that it is given as they are. One that is given back
    unchanged would come from itself, and one of another dtype would lead to other dtypes than the model has.
    """
    if any(model.origin(port.key) in model.inputs for port in model.outputs):
        raise LayerError(
            f"{model.name} gives its Input unchanged, and Keras can call it so with {wanted} only, found {found}",
            code="passed-on",
            hint="give the output of an Identity instead",
        )
    for declared, tensor in pairs:
        if declared.dtype != tensor.dtype:
            raise LayerError(
                f"{model.name} takes {declared.dtype}, found {tensor.dtype}, and {found} where its own is {wanted}",
                code="dtype-mismatch",
                hint=f'put {{"op": "ops.cast", "dtype": "{declared.dtype}"}} before it',
            )
