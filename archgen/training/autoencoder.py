"""Training a network to give back what it is given."""

from typing import Annotated, Any

from archgen.data import Network, Wanted
from archgen.data.base import fits
from archgen.data.endings import check_ending, ending
from archgen.data.targets import spoken
from archgen.errors import LayerError
from archgen.layers.kinds import ListOf, Made, show
from archgen.layers.objects import Loss, resolve
from archgen.training.base import Findings, Plan, Split, Training

ALoss = Annotated[Any, Made("loss")]
MetricList = Annotated[list[Any], ListOf(Made("metric"), tuples=False)]
BOUNDED = ((0, 1), (-1, 1))


class Autoencoder(Training):
    """The inputs are the targets."""

    op = "autoencoder"

    loss: ALoss = "mse"
    metrics: MetricList = []
    validation_split: Split = 0.0

    def plan(self, network: Network, found: Findings) -> Plan | None:
        if len(network.inputs) != 1 or len(network.outputs) != 1:
            found.add(
                f"an autoencoder has one input and one output, found {len(network.inputs)} and {len(network.outputs)}",
                "kind",
                hint='write "kind": "supervised"',
            )
            return None
        (given,), (output,) = network.inputs, network.outputs
        loss = resolve("loss", self.loss)
        assert isinstance(loss, Loss)
        end = ending(output)
        span = end.span if end is not None and end.span in BOUNDED else None
        wanted = Wanted(network.inputs, network.outputs, (loss,), span)
        found.of(lambda: check_ending(output, loss, spoken(loss)), "loss")
        data, x = self.arrays(wanted, found)
        expected = output.example[:-1] if loss.labels == "integer" else output.example
        if not fits(given.example, expected):
            units = f"{given.example[-1]} units" if len(given.example) == 1 else f"the shape {show(given.example)}"
            last = f"give the last layer {units}"
            found.errors.append(
                LayerError(
                    "an autoencoder gives back the shape of its input",
                    param="kind",
                    code="shape-mismatch",
                    details=(("input", str(given.tensor)), ("output", str(output.tensor))),
                    hint=f'{last}, or write "kind": "supervised"',
                )
            )
            return None
        if data is None:
            return None
        (array,) = x
        if end and end.span and array.holds == "floats" and (array.low < end.span[0] or array.high > end.span[1]):
            found.add(
                f"{data.op} lies between {array.low:g} and {array.high:g}, and {end.name} gives {end.span[0]:g} to"
                f" {end.span[1]:g}",
                "data",
                "scale",
                hint=f'write "scale": [{end.span[0]:g}, 1]',
            )
        return Plan(self, data, wanted, network, x)
