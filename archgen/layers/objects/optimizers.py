"""Optimizers: how gradients change the weights."""

from typing import Annotated, Any, ClassVar

from archgen.layers.kinds import (
    Flag,
    Float,
    Int,
    ListOf,
    Made,
    NonNegative,
    Number,
    OneOf,
    OptionalInt,
    PositiveInt,
    Str,
)
from archgen.layers.objects.base import (
    Argument,
    Fraction,
    OptionalNumber,
    OptionalPositive,
    Real,
    own_first,
    refuse,
)

LearningRate = Annotated[Any, OneOf(Real(), Made("schedule", strings=()))]
Beta = Annotated[float, Float(0, 1)]


class Optimizer(Argument):
    """Base of the optimizers.

    In Keras's signatures the learning rate comes first, then an optimizer's own arguments, then those of all.
    """

    role: ClassVar[str] = "optimizer"
    module: ClassVar[str] = "keras.optimizers"
    abstract: ClassVar[bool] = True

    learning_rate: LearningRate = 0.001
    weight_decay: OptionalNumber = None
    clipnorm: OptionalPositive = None
    clipvalue: OptionalPositive = None
    global_clipnorm: OptionalPositive = None
    use_ema: Flag = False
    ema_momentum: Fraction = 0.99
    ema_overwrite_frequency: OptionalInt = None
    loss_scale_factor: OptionalPositive = None
    gradient_accumulation_steps: Annotated[int | None, Int(2, nullable=True)] = None

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = own_first(cls, "learning_rate")

    @classmethod
    def class_names(cls) -> tuple[str, ...]:
        return (cls.op.lower(), cls.op)

    def check(self) -> None:
        clips = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(self, name, None) is not None]
        if len(clips) > 1:
            raise refuse(f"{' and '.join(clips)} exclude each other", clips[1], "keep one of them")


class SGD(Optimizer):
    """Gradient descent, with momentum where given."""

    learning_rate: LearningRate = 0.01
    momentum: Annotated[float, Real(0, 1)] = 0.0
    nesterov: Flag = False


class RMSprop(Optimizer):
    """Gradients divided by the root of their moving mean square."""

    rho: Beta = 0.9
    momentum: Number = 0.0
    epsilon: Number = 1e-07
    centered: Flag = False


class Adam(Optimizer):
    """Moving means of the gradients and of their squares."""

    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: Number = 1e-07
    amsgrad: Flag = False


class AdamW(Optimizer):
    """Adam with decay of the weights."""

    weight_decay: Number = 0.004
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: Number = 1e-07
    amsgrad: Flag = False


class Adadelta(Optimizer):
    """Steps from moving windows of gradients and of updates."""

    rho: Beta = 0.95
    epsilon: Number = 1e-07


class Adagrad(Optimizer):
    """Rates that shrink with the sum of each weight's squared gradients."""

    initial_accumulator_value: NonNegative = 0.1
    epsilon: Number = 1e-07


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the mean square."""

    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: Number = 1e-07


class Nadam(Adamax):
    """Adam with Nesterov momentum."""


class Lamb(Adamax):
    """Adam with a rate per layer, for large batches. Keras knows it by its class alone, not by a string."""

    named = False


class Adafactor(Optimizer):
    """Mean squares kept as rows and columns, to save memory."""

    beta_2_decay: Number = -0.8
    epsilon_1: Number = 1e-30
    epsilon_2: Number = 1e-3
    clip_threshold: Number = 1.0
    relative_step: Flag = True


class Ftrl(Optimizer):
    """Follow the regularized leader."""

    learning_rate_power: Annotated[float, Float(maximum=0)] = -0.5
    initial_accumulator_value: NonNegative = 0.1
    l1_regularization_strength: NonNegative = 0.0
    l2_regularization_strength: NonNegative = 0.0
    l2_shrinkage_regularization_strength: NonNegative = 0.0
    beta: Number = 0.0


class Lion(Optimizer):
    """Steps along the sign of a moving mean."""

    beta_1: Annotated[float, Float(above=0, maximum=1)] = 0.9
    beta_2: Beta = 0.99


class ScheduleFreeAdamW(Optimizer):
    """Adam with averaged weights in place of a schedule."""

    learning_rate: LearningRate = 0.0025
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: Number = 1e-08
    warmup_steps: Annotated[int, Int(0)] = 0


class Muon(Optimizer):
    """Orthogonalized momentum for matrices, Adam for all other weights."""

    adam_beta_1: Beta = 0.9
    adam_beta_2: Beta = 0.999
    adam_weight_decay: OptionalNumber = 0.004
    epsilon: Number = 1e-07
    weight_decay: OptionalNumber = 0.004
    clipnorm: OptionalPositive = None
    clipvalue: OptionalPositive = None
    global_clipnorm: OptionalPositive = None
    use_ema: Flag = False
    ema_momentum: Fraction = 0.99
    ema_overwrite_frequency: OptionalInt = None
    loss_scale_factor: OptionalPositive = None
    gradient_accumulation_steps: Annotated[int | None, Int(2, nullable=True)] = None
    exclude_layers: Annotated[list[str] | None, ListOf(Str(), tuples=False, nullable=True)] = None
    exclude_embeddings: Flag = True
    muon_a: Number = 3.4445
    muon_b: Number = -4.775
    muon_c: Number = 2.0315
    adam_lr_ratio: Number = 1
    momentum: Beta = 0.95
    ns_steps: PositiveInt = 5
    nesterov: Flag = True
    rms_rate: Annotated[float | None, Float(nullable=True)] = 0.2


class LossScaleOptimizer(Optimizer):
    """Another optimizer, with the loss scaled so that half-precision gradients do not vanish."""

    drops = tuple(Optimizer.fields)

    inner_optimizer: Annotated[Any, Made("optimizer", strings=())]
    initial_scale: Annotated[float, Float(above=0)] = 32768.0
    dynamic_growth_steps: PositiveInt = 2000
