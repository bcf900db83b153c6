"""Metrics: what training and evaluation report.

Each says what form of ``labels`` it compares predictions with (see ``losses``), whether larger values are better
(``direction``, where Keras knows it), and under which name it is logged.
"""

from typing import Annotated, ClassVar, Literal

from archgen.layers.base import automatic_name
from archgen.layers.kinds import Axis, Choice, Flag, Float, NaturalInt, PositiveInt
from archgen.layers.objects.base import (
    Argument,
    Fraction,
    OptionalDType,
    OptionalWhole,
)
from archgen.layers.objects.losses import Labels, form_of
from archgen.tensors import Shape


class Metric(Argument):
    """A number that says how good predictions are."""

    role: ClassVar[str] = "metric"
    module: ClassVar[str] = "keras.metrics"
    abstract: ClassVar[bool] = True
    direction: ClassVar[Literal["up", "down"] | None] = "up"
    logged: ClassVar[str | None] = None

    labels: Labels = "real"
    from_logits: bool = False
    """Whether predictions come without an activation. An argument of some metrics, always false of the others."""

    @classmethod
    def logged_name(cls) -> str:
        """What it is called in the history, unless the author wrote it as a string: then the string is its name."""
        return cls.logged or automatic_name(cls.op)


class Plain(Metric):
    """Base of the metrics without arguments of their own."""

    abstract: ClassVar[bool] = True

    dtype: OptionalDType = None


class Accuracy(Plain):
    """How often predictions equal targets. As a string, ``accuracy`` means the accuracy that fits the shapes."""

    aliases = ("accuracy", "acc")
    labels = "integer"


class CategoricalAccuracy(Plain):
    """How often the largest prediction is at the one of the target."""

    labels = "one_hot"


class SparseCategoricalAccuracy(Plain):
    """How often the largest prediction is at the target's class number."""

    labels = "integer"


class BinaryAccuracy(Plain):
    """How often predictions, rounded at a threshold, equal 0-or-1 targets."""

    labels = "binary"

    threshold: Annotated[float, Float(0, 1)] = 0.5


class TopK(Metric):
    """Base of the accuracies that also count a good guess."""

    abstract: ClassVar[bool] = True

    k: PositiveInt = 5
    dtype: OptionalDType = None


class TopKCategoricalAccuracy(TopK):
    """How often the target's one is among the ``k`` largest predictions."""

    labels = "one_hot"


class SparseTopKCategoricalAccuracy(TopK):
    """How often the target's class number is among the ``k`` largest predictions."""

    labels = "integer"

    from_sorted_ids: Flag = False


class MeanSquaredError(Plain):
    """The mean of squared differences."""

    direction = "down"
    aliases = ("mse", "MSE")


class RootMeanSquaredError(Plain):
    """The root of the mean of squared differences."""

    direction = "down"


class MeanAbsoluteError(Plain):
    """The mean of absolute differences."""

    direction = "down"
    aliases = ("mae", "MAE")


class MeanAbsolutePercentageError(Plain):
    """The mean of absolute differences, in per cent of the targets."""

    direction = "down"
    aliases = ("mape", "MAPE")


class MeanSquaredLogarithmicError(Plain):
    """The mean of squared differences of logarithms."""

    direction = "down"
    aliases = ("msle", "MSLE")


class LogCoshError(Plain):
    """The mean of the logarithm of the hyperbolic cosine of the differences."""

    direction = "down"
    logged = "logcosh"


class Poisson(Plain):
    """The negative log-likelihood of counts, up to a constant."""

    direction = "down"


class KLDivergence(Plain):
    """The Kullback-Leibler divergence between two distributions."""

    labels = "one_hot"
    direction = "down"


class Hinge(Plain):
    """The mean of ``max(1 - target * prediction, 0)``."""

    labels = "sign"
    direction = "down"


class SquaredHinge(Hinge):
    """The mean of the squares of the hinge."""


class CategoricalHinge(Plain):
    """How far the right class is from one above the best wrong class."""

    labels = "one_hot"
    direction = "down"


class CosineSimilarity(Plain):
    """The cosine between predictions and targets."""

    axis: Axis = -1


class PearsonCorrelation(CosineSimilarity):
    """The correlation of predictions and targets."""


class ConcordanceCorrelation(CosineSimilarity):
    """The correlation of predictions and targets, less where their means or spreads differ."""


class R2Score(Metric):
    """The share of the targets' variance that predictions explain."""

    class_aggregation: Annotated[str | None, Choice("uniform_average", "variance_weighted_average", nullable=True)] = (
        "uniform_average"
    )
    num_regressors: NaturalInt = 0
    dtype: OptionalDType = None


class BinaryCrossentropy(Plain):
    """The cross-entropy of yes-or-no outputs."""

    labels = "binary"
    direction = "down"
    aliases = ("bce", "BCE")

    from_logits: Flag = False
    label_smoothing: Fraction = 0


class CategoricalCrossentropy(Plain):
    """The cross-entropy between one-hot targets and a distribution over classes."""

    labels = "one_hot"
    direction = "down"

    from_logits: Flag = False
    label_smoothing: Fraction = 0
    axis: Axis = -1


class SparseCategoricalCrossentropy(Plain):
    """The cross-entropy between class numbers and a distribution over classes."""

    labels = "integer"
    direction = "down"

    from_logits: Flag = False
    ignore_class: OptionalWhole = None
    axis: Axis = -1


class MatchingAccuracy(Metric):
    """What the string ``accuracy`` means: the accuracy that fits the shapes of targets and predictions."""

    op = "accuracy"
    abstract: ClassVar[bool] = True
    labels = "any"

    @staticmethod
    def chosen(targets: Shape, predictions: Shape) -> Metric:
        """The metric that ``compile`` puts in its place, from shapes with the batch."""
        match form_of(targets, predictions):
            case "binary":
                return BinaryAccuracy()
            case "integer":
                return SparseCategoricalAccuracy()
            case _:
                return CategoricalAccuracy()
