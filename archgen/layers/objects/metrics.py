"""Metrics: what training and evaluation report.

Each says what form of ``labels`` it compares predictions with (see ``losses``), whether larger values are better
(``direction``, where Keras knows it), and under which name it is logged.
"""

from typing import Annotated, Any, ClassVar, Literal

from archgen.layers.base import automatic_name
from archgen.layers.kinds import Axis, Choice, Flag, Float, Int, ListOf, NaturalInt, OptionalInt, PositiveInt
from archgen.layers.objects.base import (
    Argument,
    Fraction,
    IntList,
    Numbers,
    OptionalDType,
    OptionalNatural,
    OptionalWhole,
    Real,
    Thresholds,
    own_first,
    refuse,
)
from archgen.layers.objects.losses import Labels, form_of
from archgen.tensors import Shape

Average = Annotated[str | None, Choice("micro", "macro", "weighted", nullable=True)]
OptionalThreshold = Annotated[float | None, Real(above=0, maximum=1, nullable=True)]


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


class Confusion(Metric):
    """Base of the counts of right and wrong decisions at thresholds."""

    abstract: ClassVar[bool] = True
    labels = "binary"
    direction = None

    thresholds: Thresholds = None
    dtype: OptionalDType = None


class TruePositives(Confusion):
    """How many ones are predicted."""


class TrueNegatives(Confusion):
    """How many zeros are not predicted."""


class FalsePositives(Confusion):
    """How many zeros are predicted as ones."""


class FalseNegatives(Confusion):
    """How many ones are not predicted."""


class Precision(Metric):
    """The share of predicted ones that are ones."""

    labels = "binary"

    thresholds: Thresholds = None
    top_k: OptionalInt = None
    class_id: OptionalNatural = None
    dtype: OptionalDType = None


class Recall(Precision):
    """The share of ones that are predicted."""


class AUC(Metric):
    """The area under a curve over all thresholds."""

    labels = "binary"

    num_thresholds: Annotated[int, Int(2)] = 200
    curve: Annotated[str, Choice("ROC", "PR", "PRGAIN")] = "ROC"
    summation_method: Annotated[str, Choice("interpolation", "minoring", "majoring")] = "interpolation"
    dtype: OptionalDType = None
    thresholds: Annotated[list[float] | None, Numbers(Float(0, 1), nullable=True)] = None
    multi_label: Flag = False
    num_labels: OptionalInt = None
    label_weights: Annotated[list[float] | None, Numbers(Float(0), nullable=True)] = None
    from_logits: Flag = False

    def check(self) -> None:
        for name in ("num_labels", "label_weights"):
            if getattr(self, name) is not None and not self.multi_label:
                raise refuse(f'"{name}" is for several labels at once', name, 'add "multi_label": true')


class AtValue(Metric):
    """Base of one measure where another has a given value."""

    abstract: ClassVar[bool] = True
    labels = "binary"

    num_thresholds: PositiveInt = 200
    class_id: OptionalNatural = None
    dtype: OptionalDType = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = own_first(cls)


class PrecisionAtRecall(AtValue):
    """The best precision where the recall is at least this."""

    recall: Fraction


class RecallAtPrecision(AtValue):
    """The best recall where the precision is at least this."""

    precision: Fraction


class SensitivityAtSpecificity(AtValue):
    """The best sensitivity where the specificity is at least this."""

    specificity: Fraction


class SpecificityAtSensitivity(AtValue):
    """The best specificity where the sensitivity is at least this."""

    sensitivity: Fraction


class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall."""

    labels = "one_hot"
    logged = "fbeta_score"

    average: Average = None
    beta: Annotated[float, Real(above=0)] = 1.0
    threshold: OptionalThreshold = None
    dtype: OptionalDType = None


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall."""

    drops = ("beta",)
    logged = "f1_score"


class BinaryIoU(Metric):
    """Intersection over union of 0-or-1 masks."""

    labels = "binary"

    target_class_ids: Annotated[tuple[int, ...], ListOf(Int(0, 1), minimum=1)] = (0, 1)
    threshold: Annotated[float, Float(0, 1)] = 0.5
    dtype: OptionalDType = None


class OverUnion(Metric):
    """Base of the intersections over unions of classes: the form of the targets is an argument or the class's own."""

    abstract: ClassVar[bool] = True

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.labels = "integer" if getattr(self, "sparse_y_true", False) else "one_hot"

    def check(self) -> None:
        beyond = [index for index in getattr(self, "target_class_ids", ()) if index >= getattr(self, "num_classes", 0)]
        if beyond:
            raise refuse(f"there is no class {beyond[0]} among {getattr(self, 'num_classes', 0)}", "target_class_ids")


class MeanIoU(OverUnion):
    """The mean intersection over union of all classes."""

    num_classes: PositiveInt
    dtype: OptionalDType = None
    ignore_class: OptionalWhole = None
    sparse_y_true: Flag = True
    sparse_y_pred: Flag = True
    axis: Axis = -1


class IoU(OverUnion):
    """Intersection over union of chosen classes."""

    num_classes: PositiveInt
    target_class_ids: IntList
    dtype: OptionalDType = None
    ignore_class: OptionalWhole = None
    sparse_y_true: Flag = True
    sparse_y_pred: Flag = True
    axis: Axis = -1


class OneHotIoU(IoU):
    """Intersection over union of chosen classes, from one-hot masks."""

    drops = ("sparse_y_true",)

    sparse_y_pred: Flag = False


class OneHotMeanIoU(MeanIoU):
    """The mean intersection over union of all classes, from one-hot masks."""

    drops = ("sparse_y_true",)

    sparse_y_pred: Flag = False


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
