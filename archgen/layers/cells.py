"""Recurrence over cells: a cell is one step, ``RNN`` runs it over a sequence, and a stack of cells is a cell."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from archgen.errors import LayerError
from archgen.layers.base import Layer, known
from archgen.layers.enclosing import Enclosing
from archgen.layers.kinds import Flag, ListOf, Made, Object, Seed
from archgen.layers.masks import Carried, Mask
from archgen.layers.recurrent import GRUUnits, LSTMUnits, OverVectors, SimpleUnits, Steps
from archgen.tensors import Dim, Shape, Tensor, Weight


class CellKind(Made):
    """A cell: ``{"op": "LSTMCell", "units": 8}``."""

    def __init__(self) -> None:
        super().__init__("cell", strings=())

    def example(self) -> str:
        return '{"op": "LSTMCell", "units": 8}'


class CellsKind(ListOf):
    """A list of cells; ``scalar`` also takes one cell without the list."""

    def __init__(self, *, scalar: bool = False) -> None:
        super().__init__(CellKind(), minimum=1, scalar=scalar, tuples=False)

    def meant(self, value: Any) -> str | None:
        if isinstance(value, str):
            return f'write {{"op": "{value}", ...}}' if value in known("cell") else f"write {self.example()}"
        return f"write {self.example()}" if isinstance(value, (list, tuple)) else super().meant(value)

    def phrase(self) -> str:
        return f"{self.item.describe()} or a list of cells" if self.scalar else "a list of cells"

    def example(self) -> str:
        return self.item.example() if self.scalar else super().example()


Cells = Annotated[Any, CellsKind()]
CellOrCells = Annotated[Any, CellsKind(scalar=True)]


class Cell(Steps):
    """What ``RNN`` takes: its states, its weights and its cost are those of one step."""

    role: ClassVar[str] = "cell"
    abstract: ClassVar[bool] = True
    call_inputs = ("inputs", "states")
    required_inputs = 2
    rule = "(batch, features) -> (batch, units), and the states for the next step"

    @property
    def output_size(self) -> int:
        """How many values a step gives."""
        raise NotImplementedError

    def state_sizes(self) -> tuple[int, ...]:
        """How many values each of its states holds."""
        raise NotImplementedError

    def loses_states(self, *, stacked: bool = False) -> bool:
        """Whether Keras, unrolling it, mixes up its states from the second step on.

        It takes the state of a stack of one cell out of its list: a harm where that is several tensors, or where the
        stack is ``stacked`` itself.
        """
        return False

    def first(self) -> tuple[tuple[str | int, ...], "UnitCell"]:
        """The cell that reads the step itself, and where it stands below this one."""
        raise NotImplementedError

    def step_weights(self, features: Dim) -> dict[str, Weight]:
        """Its weights by their path below it."""
        raise NotImplementedError

    def step_flops(self, features: Dim) -> Dim:
        """The cost of one step."""
        raise NotImplementedError

    @classmethod
    def mistakes_in_names(cls, arguments: Mapping[str, Any]) -> list[LayerError]:
        errors = super().mistakes_in_names(arguments)
        for error in errors:
            name = error.param[0] if error.code == "unknown-argument" else None
            if name in RNN.fields:
                error.hint = f'take it out, and write it on the RNN: {{"op": "RNN", "{name}": ..., ...}}'
        return errors


class UnitCell(Cell):
    """One cell of units, whose arguments are those of the layer that it is the cell of."""

    abstract: ClassVar[bool] = True
    drops = ("activity_regularizer",)

    units: Any

    @property
    def output_size(self) -> int:
        return int(self.units)

    def state_sizes(self) -> tuple[int, ...]:
        return (self.output_size,) * self.states

    def first(self) -> tuple[tuple[str | int, ...], "UnitCell"]:
        return (), self


class SimpleRNNCell(SimpleUnits, UnitCell):
    """One step of SimpleRNN."""

    seed: Seed = None


class LSTMCell(LSTMUnits, UnitCell):
    """One step of LSTM."""

    rule = "(batch, features) -> (batch, units), and the two states for the next step"

    seed: Seed = None


class GRUCell(GRUUnits, UnitCell):
    """One step of GRU."""

    reset_after: Flag = True
    seed: Seed = None


class StackedRNNCells(Enclosing, Cell):
    """Cells in a row, each of which reads what the one before gives in the same step."""

    rule = "(batch, features) -> (batch, units of the last cell), and the states of every cell"
    stricter = {"cannot stand in a stack of": "Keras runs it for one step, or unrolled"}

    cells: Cells

    def not_frozen(self) -> LayerError:
        error = super().not_frozen()
        error.hint = 'write "trainable": false in each of its "cells"'
        return error

    def check(self) -> None:
        self.check_cells("cells")

    def check_cells(self, *path: str) -> None:
        """Refuse cells of another dtype than the stack, whose states Keras starts in that of the stack."""
        for index, cell in enumerate(self.cells):
            if cell.compute_dtype != self.compute_dtype:
                raise LayerError(
                    f"a cell of {cell.compute_dtype} cannot stand in a stack of {self.compute_dtype}",
                    param=(*path, index, "dtype") if cell.dtype else (*path, index),
                    code="bad-argument",
                    hint=self.dtype_hint(cell),
                )

    def dtype_hint(self, cell: Cell) -> str:
        if self.dtype:
            return f'use "dtype": "{self.dtype}"'
        return (
            f'give the stack the dtype of its cells: {{"op": "StackedRNNCells", "dtype": "{cell.dtype}", "cells": ...}}'
        )

    def spelled_cells(self) -> list[str]:
        """The cells without the stacks around them, as a spec begins them."""
        inside = (
            cell.spelled_cells() if isinstance(cell, StackedRNNCells) else [f'{{"op": "{cell.op}", ...}}']
            for cell in self.cells
        )
        return [text for texts in inside for text in texts]

    def wrapped(self) -> tuple[Layer, ...]:
        return tuple(self.cells)

    @property
    def output_size(self) -> int:
        return int(self.cells[-1].output_size)

    def loses_states(self, *, stacked: bool = False) -> bool:
        taken_out = len(self.cells) == 1 and (stacked or len(self.state_sizes()) > 1)
        return taken_out or any(cell.loses_states(stacked=True) for cell in self.cells)

    def state_sizes(self) -> tuple[int, ...]:
        return tuple(size for cell in self.cells for size in cell.state_sizes())

    def first(self) -> tuple[tuple[str | int, ...], UnitCell]:
        below, cell = self.cells[0].first()
        return ("cells", 0, *below), cell

    def step_weights(self, features: Dim) -> dict[str, Weight]:
        weights: dict[str, Weight] = {}
        for name, cell in zip(self.inner_names(), self.cells, strict=True):
            weights |= self.inside(name, cell.step_weights(features))
            features = cell.output_size
        return weights

    def step_flops(self, features: Dim) -> Dim:
        total = 0
        for cell in self.cells:
            cost = cell.step_flops(features)
            if cost is None:
                return None
            total += cost
            features = cell.output_size
        return total


class RNN(OverVectors, Enclosing):
    """A cell run over a sequence; a list of cells is a stack of them."""

    rule = "(batch, steps, features) -> (batch, units of the last cell), or with steps if return_sequences"
    stricter = {
        **StackedRNNCells.stricter,
        "drops inputs of": "Keras runs it without training, or where all inputs are dropped",
        "of a stack in a stack": "Keras gives the shapes of such states wrong",
        "mixes up the states": "it runs by accident, as where a mask makes Keras keep them in a list",
    }

    cell: CellOrCells
    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False
    unroll: Flag = False
    zero_output_for_mask: Flag = False

    step: Cell
    """The cell, which a list of cells is as well."""

    def not_frozen(self) -> LayerError:
        error = super().not_frozen()
        error.hint = 'write it inside: "cell": {"trainable": false, ...}'
        return error

    def check(self) -> None:
        if isinstance(self.cell, Cell):
            self.step = self.cell
        else:
            stack = StackedRNNCells(cells=self.cell)
            stack.check_cells("cell")
            self.step = stack
        if self.return_state:
            self.check_flat("return_state")
        below, first = self.step.first()
        if first.dropout and first.compute_dtype != self.compute_dtype:
            below = below if self.step is self.cell else below[1:]
            raise LayerError(
                f"a cell of {first.compute_dtype} drops inputs of {self.compute_dtype}",
                param=("cell", *below, "dropout"),
                code="bad-argument",
                hint=f'write "dtype": "{first.dtype or "float32"}" on the RNN, too',
            )

    def check_flat(self, *param: str) -> None:
        """Refuse to deal in the states of a stack that holds a stack."""
        if isinstance(self.step, StackedRNNCells) and any(
            isinstance(cell, StackedRNNCells) for cell in self.step.cells
        ):
            raise LayerError(
                "the states of a stack in a stack have no place of their own",
                param=param,
                code="bad-argument",
                hint=f'write all cells in one list: "cell": [{", ".join(self.step.spelled_cells())}]',
            )

    def wrapped(self) -> tuple[Layer, ...]:
        return (self.step,)

    def state_shape(self, sequences: Tensor) -> Shape:
        return (sequences.batch, self.step.output_size)

    def state_shapes(self, sequences: Tensor) -> tuple[Shape, ...]:
        return tuple((sequences.batch, size) for size in self.step.state_sizes())

    def check_states(self, expected: tuple[Shape, ...], found: tuple[Tensor, ...]) -> None:
        self.check_flat()
        super().check_states(expected, found)

    def check_sequences(self, sequences: Tensor) -> None:
        super().check_sequences(sequences)
        if self.unroll and sequences.shape[1] != 1 and self.step.loses_states():
            raise LayerError(
                "Keras mixes up the states of a stack of one cell that is unrolled",
                param="unroll",
                code="bad-argument",
                hint='leave out "unroll", or write the cell without a list around it',
            )

    def drops_inputs(self) -> bool:
        return bool(0 < self.step.first()[1].dropout < 1)

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        masked = bool(masks) and masks[0] is not None
        if masked and not self.unroll and isinstance(self.step, StackedRNNCells) and len(self.step.cells) == 1:
            raise LayerError(
                "Keras mixes up the states of a stack of one cell where there is a mask",
                param="cell",
                hint=f'write "cell": {self.step.spelled_cells()[0]}, without a list around it',
            )
        return super().carry(tensors, masks)

    def weights(self, sequences: Tensor, *states: Any, **call: Any) -> dict[str, Weight]:
        return self.inside(self.inner_names()[0], self.step.step_weights(sequences.channels))

    def step_flops(self, features: Dim) -> Dim:
        return self.step.step_flops(features)

    @classmethod
    def states_together(cls, arguments: Mapping[str, Any]) -> tuple[int, ...]:
        return states_of(arguments["cell"])


def states_of(cell: Object | Sequence[Object]) -> tuple[int, ...]:
    """How many tensors each state is that Keras keeps of a cell: those of a cell in a stack are kept together.

    >>> states_of(Object("LSTMCell")), states_of([Object("LSTMCell"), Object("GRUCell")])
    ((1, 1), (2, 1))
    """
    cells = cell.arguments["cells"] if isinstance(cell, Object) and cell.op == "StackedRNNCells" else cell
    counts: dict[str, int] = {
        op: declared.states for op, declared in known("cell").items() if issubclass(declared, Cell)
    }
    return (1,) * counts[cells.op] if isinstance(cells, Object) else tuple(counts[each.op] for each in cells)
