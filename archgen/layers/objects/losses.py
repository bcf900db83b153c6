"""Losses: what training makes small.

Each says what it compares. ``labels`` is the form of the targets: ``integer`` (class numbers), ``one_hot`` (a value per
class), ``binary`` (0 or 1, or a probability, per output), ``sign`` (-1 or 1; Keras turns 0 into -1) or ``real``.
``activation`` is what the last layer naturally ends with.
"""

from typing import Annotated, ClassVar, Literal

from archgen.layers.kinds import Axis, Choice, Flag, Float, Number, OptionalAxes
from archgen.layers.objects.base import Argument, Fraction, OptionalDType, OptionalWhole, refuse
from archgen.tensors import Shape

Labels = Literal["integer", "one_hot", "binary", "sign", "real", "any"]
Reduction = Annotated[
    str | None, Choice("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", nullable=True)
]


class Loss(Argument):
    """A number that says how far predictions are from targets."""

    role: ClassVar[str] = "loss"
    module: ClassVar[str] = "keras.losses"
    abstract: ClassVar[bool] = True
    activation: ClassVar[str | None] = None

    labels: Labels = "real"
    from_logits: bool = False
    """Whether predictions come without the activation. An argument of some losses, always false of the others."""

    @property
    def expects(self) -> str | None:
        """The activation that the model should end with, or ``None`` where any will do or none is wanted."""
        return None if self.from_logits else self.activation


class MeanLoss(Loss):
    """Base of the losses that take a reduction and no more of their own."""

    abstract: ClassVar[bool] = True

    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class MeanSquaredError(MeanLoss):
    """The mean of squared differences."""

    aliases = ("mse", "mean_squared_error", "MSE")


class MeanAbsoluteError(MeanLoss):
    """The mean of absolute differences."""

    aliases = ("mae", "mean_absolute_error", "MAE")


class MeanAbsolutePercentageError(MeanLoss):
    """The mean of absolute differences, in per cent of the targets."""

    aliases = ("mape", "mean_absolute_percentage_error", "MAPE")


class MeanSquaredLogarithmicError(MeanLoss):
    """The mean of squared differences of logarithms."""

    aliases = ("msle", "mean_squared_logarithmic_error", "MSLE")


class LogCosh(MeanLoss):
    """The mean of the logarithm of the hyperbolic cosine of the differences."""


class Poisson(MeanLoss):
    """The negative log-likelihood of counts, up to a constant."""

    activation = "exponential"


class KLDivergence(MeanLoss):
    """The Kullback-Leibler divergence between two distributions."""

    labels = "one_hot"
    activation = "softmax"
    aliases = ("kld", "kl_divergence", "KLD")


class Hinge(MeanLoss):
    """The mean of ``max(1 - target * prediction, 0)``."""

    labels = "sign"


class SquaredHinge(Hinge):
    """The mean of the squares of the hinge."""


class CategoricalHinge(MeanLoss):
    """How far the right class is from one above the best wrong class."""

    labels = "one_hot"


class CTC(MeanLoss):
    """Connectionist temporal classification: sequences of labels without an alignment, from logits."""

    labels = "integer"
    from_logits = True


class Huber(Loss):
    """Squares near zero, absolute values beyond ``delta``."""

    delta: Number = 1.0
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class CosineSimilarity(Loss):
    """The negative cosine between predictions and targets."""

    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class Circle(Loss):
    """Circle loss over pairs of embeddings of the same and of different classes."""

    labels = "integer"

    gamma: Number = 80.0
    margin: Number = 0.4
    remove_diagonal: Flag = True
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class Dice(Loss):
    """One minus the Dice overlap of masks."""

    labels = "binary"
    activation = "sigmoid"

    reduction: Reduction = "sum_over_batch_size"
    axis: OptionalAxes = None
    dtype: OptionalDType = None


class Tversky(Loss):
    """One minus the Tversky overlap of masks, false positives and negatives weighted."""

    labels = "binary"
    activation = "sigmoid"

    alpha: Number = 0.5
    beta: Number = 0.5
    reduction: Reduction = "sum_over_batch_size"
    axis: OptionalAxes = None
    dtype: OptionalDType = None


class BinaryCrossentropy(Loss):
    """The cross-entropy of yes-or-no outputs."""

    labels = "binary"
    activation = "sigmoid"
    aliases = ("bce", "binary_crossentropy", "BCE")

    from_logits: Flag = False
    label_smoothing: Fraction = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy with less weight on what is already right."""

    labels = "binary"
    activation = "sigmoid"

    apply_class_balancing: Flag = False
    alpha: Number = 0.25
    gamma: Number = 2.0
    from_logits: Flag = False
    label_smoothing: Fraction = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class CategoricalCrossentropy(Loss):
    """The cross-entropy between one-hot targets and a distribution over classes."""

    labels = "one_hot"
    activation = "softmax"
    aliases = ("categorical_crossentropy", "crossentropy", "ce")

    from_logits: Flag = False
    label_smoothing: Fraction = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy with less weight on what is already right."""

    labels = "one_hot"
    activation = "softmax"

    alpha: Number = 0.25
    gamma: Number = 2.0
    from_logits: Flag = False
    label_smoothing: Fraction = 0.0
    axis: Axis = -1
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None


class CategoricalGeneralizedCrossEntropy(Loss):
    """Between cross-entropy and absolute error, for labels that are partly wrong. Keras knows no string for it."""

    labels = "integer"
    activation = "softmax"
    named = False

    q: Annotated[float, Float(above=0)] = 0.5
    reduction: Reduction = "sum_over_batch_size"
    dtype: OptionalDType = None

    def check(self) -> None:
        if self.q >= 1:
            raise refuse(f"q must lie between 0 and 1, found {self.q}", "q")


class SparseCategoricalCrossentropy(Loss):
    """The cross-entropy between class numbers and a distribution over classes."""

    labels = "integer"
    activation = "softmax"

    from_logits: Flag = False
    ignore_class: OptionalWhole = None
    reduction: Reduction = "sum_over_batch_size"
    axis: Axis = -1
    dtype: OptionalDType = None


class MatchingCrossentropy(Loss):
    """What the string ``crossentropy`` means: the cross-entropy that fits the shapes of targets and predictions."""

    op = "crossentropy"
    abstract: ClassVar[bool] = True
    labels = "any"

    @staticmethod
    def chosen(targets: Shape, predictions: Shape) -> Loss:
        """The loss that ``compile`` puts in its place, from shapes with the batch."""
        match form_of(targets, predictions):
            case "binary":
                return BinaryCrossentropy()
            case "integer":
                return SparseCategoricalCrossentropy()
            case _:
                return CategoricalCrossentropy()


def form_of(targets: Shape, predictions: Shape) -> Literal["binary", "integer", "one_hot"]:
    """How ``compile`` reads targets of one shape for predictions of another, both with the batch.

    >>> form_of((None, 1), (None, 1)), form_of((None,), (None, 10)), form_of((None, 10), (None, 10))
    ('binary', 'integer', 'one_hot')
    """
    if predictions[-1] == 1:
        return "binary"
    if len(targets) < len(predictions) or (targets[-1] == 1 and (predictions[-1] or 2) > 1):
        return "integer"
    return "one_hot"
