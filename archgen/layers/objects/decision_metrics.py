"""Metrics of decisions: counts of right and wrong ones, and how far predicted classes or masks overlap true ones."""

from typing import Annotated, Any, ClassVar

from archgen.layers.kinds import Axis, Choice, Flag, Float, Int, ListOf, OptionalInt, PositiveInt
from archgen.layers.objects.base import (
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
from archgen.layers.objects.metrics import Metric

Average = Annotated[str | None, Choice("micro", "macro", "weighted", nullable=True)]
OptionalThreshold = Annotated[float | None, Real(above=0, maximum=1, nullable=True)]


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
