"""Learning-rate schedules: a rate that changes with the training step."""

from typing import Annotated, ClassVar

from archgen.layers.kinds import Flag, Int, NaturalInt, Number, PositiveInt
from archgen.layers.objects.base import Argument, Numbers, OptionalNumber, refuse


class Schedule(Argument):
    """A learning rate as a function of the step."""

    role: ClassVar[str] = "schedule"
    module: ClassVar[str] = "keras.optimizers.schedules"
    abstract: ClassVar[bool] = True
    named: ClassVar[bool] = False


class Decay(Schedule):
    """Base of the schedules that start at one rate and count steps of decay."""

    abstract: ClassVar[bool] = True

    initial_learning_rate: Number
    decay_steps: PositiveInt


class ExponentialDecay(Decay):
    """``initial_learning_rate * decay_rate ** (step / decay_steps)``."""

    decay_rate: Number
    staircase: Flag = False


class InverseTimeDecay(Decay):
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``."""

    decay_rate: Number
    staircase: Flag = False


class PolynomialDecay(Decay):
    """From the first rate to ``end_learning_rate`` along a power of the step."""

    end_learning_rate: Number = 0.0001
    power: Number = 1.0
    cycle: Flag = False


class CosineDecay(Decay):
    """Half a cosine, after a linear warm-up where ``warmup_target`` is given."""

    alpha: Number = 0.0
    warmup_target: OptionalNumber = None
    warmup_steps: NaturalInt = 0


class CosineDecayRestarts(Schedule):
    """Half a cosine, begun anew each time it ends."""

    initial_learning_rate: Number
    first_decay_steps: PositiveInt
    t_mul: Number = 2.0
    m_mul: Number = 1.0
    alpha: Number = 0.0


class PiecewiseConstantDecay(Schedule):
    """One rate up to each boundary, the last one ever after."""

    boundaries: Annotated[list[int], Numbers(Int(0))]
    values: Annotated[list[float], Numbers(minimum=2)]

    def check(self) -> None:
        if len(self.values) != len(self.boundaries) + 1:
            raise refuse(
                f"{len(self.boundaries)} boundaries go with one value more, found {len(self.values)}",
                "values",
                "give one value more than there are boundaries",
            )
        if self.boundaries != sorted(self.boundaries):
            raise refuse("the boundaries do not rise", "boundaries", "sort them")
