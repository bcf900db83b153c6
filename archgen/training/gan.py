"""Training a generator and a discriminator against each other."""

from collections.abc import Collection
from typing import Annotated, Any

from archgen.data import Network, Wanted
from archgen.data.base import fits
from archgen.data.endings import check_ending, ending
from archgen.data.targets import spoken
from archgen.errors import LayerError, did_you_mean
from archgen.layers.kinds import Made, Str
from archgen.layers.objects import Loss, resolve
from archgen.training.autoencoder import BOUNDED, ALoss
from archgen.training.base import Findings, Plan, Training


class Model(Str):
    """The name of a sub-model."""

    def phrase(self) -> str:
        return "the name of a model"

    def example(self) -> str:
        return '"the name of one of the models"'


ModelName = Annotated[str, Model()]
OptionalOptimizer = Annotated[Any, Made("optimizer", nullable=True)]


class GAN(Training):
    """A generator makes examples from noise, a discriminator tells them from real ones."""

    op = "gan"
    monitored = "g_loss"

    generator: ModelName
    discriminator: ModelName
    loss: ALoss = "binary_crossentropy"
    generator_optimizer: OptionalOptimizer = None
    discriminator_optimizer: OptionalOptimizer = None

    def check(self) -> None:
        super().check()
        for index, callback in enumerate(self.callbacks):
            if callback.op == "ModelCheckpoint" and not getattr(callback, "save_weights_only", False):
                raise LayerError(
                    "a GAN is saved as its two models; on the way only its weights can be",
                    param=("callbacks", index),
                    code="bad-argument",
                    hint='write "filepath": "gan.weights.h5", "save_weights_only": true',
                )

    def plan(self, network: Network, found: Findings) -> Plan | None:
        generator = found.of(lambda: model(network, self.generator), "generator")
        discriminator = found.of(lambda: model(network, self.discriminator), "discriminator")
        if generator is None or discriminator is None:
            return None
        loss = resolve("loss", self.loss)
        assert isinstance(loss, Loss)
        output, verdict = generator.outputs[0], discriminator.outputs[0]
        end = ending(output)
        span = end.span if end is not None and end.span in BOUNDED else None
        wanted = Wanted(discriminator.inputs, discriminator.outputs, (loss,), span)
        if loss.labels in ("integer", "one_hot"):
            found.add(
                f"{spoken(loss)} compares classes, and the discriminator tells real from made",
                "loss",
                code="label-mismatch",
                hint='write "loss": "binary_crossentropy"',
            )
        else:
            found.of(lambda: check_ending(verdict, loss, spoken(loss)), "loss")
        if None in generator.inputs[0].example:
            found.add(
                f"the noise needs a known shape, and the generator takes {generator.inputs[0].tensor}",
                "generator",
                code="unknown-dimension",
                hint='write "shape": [100] in its Input',
            )
        if not fits(output.example, discriminator.inputs[0].example):
            found.errors.append(
                LayerError(
                    "the discriminator does not take what the generator gives",
                    param="discriminator",
                    code="shape-mismatch",
                    details=(("generator", str(output.tensor)), ("discriminator", str(discriminator.inputs[0].tensor))),
                    hint="give the discriminator's Input the shape that the generator gives",
                )
            )
        if verdict.example != (1,):
            found.add(
                f"the discriminator gives one number for each example, found {verdict.tensor}",
                "discriminator",
                code="shape-mismatch",
                hint="end it with a Dense of 1 unit",
            )
        data, x = self.arrays(wanted, found)
        return None if data is None else Plan(self, data, wanted, network, x)


def check_model(name: str, known: Collection[str]) -> None:
    """Whether a name is that of a sub-model; raises ``LayerError``."""
    if name not in known:
        hint = did_you_mean(name, known) or f'declare it in "models": {{"{name}": ...}}'
        raise LayerError(f'there is no model "{name}"', code="unknown-model", hint=hint)


def model(network: Network, name: str) -> Network:
    """A sub-model with one input and one output; raises ``LayerError``."""
    check_model(name, network.models)
    found = network.models[name]
    if len(found.inputs) != 1 or len(found.outputs) != 1:
        raise LayerError(
            f'model "{name}" needs one input and one output, found {len(found.inputs)} and {len(found.outputs)}',
            code="shape-mismatch",
        )
    return found
