"""Tables: the small data sets that come with scikit-learn, California housing, and one's own CSV files."""

from typing import Annotated, ClassVar, Self

from archgen.data.base import (
    Array,
    Data,
    OptionalFlag,
    OptionalShape,
    Span,
    SplitSeed,
    TestSize,
    Wanted,
    check_scale,
    one_input,
    shape_for,
)
from archgen.layers.kinds import Choice, Float, ListOf, OneOf, Str
from archgen.layers.objects.base import FileName
from archgen.tensors import Shape

TableScale = Annotated[
    Span | str | None,
    OneOf(Choice("standard", "none"), ListOf(Float(), minimum=2, maximum=2), nullable=True),
]
STANDARD: Span = (-3.0, 3.0)
"""Where most standardized values lie."""


class Table(Data):
    """Rows of numbers, each with a target."""

    abstract: ClassVar[bool] = True
    file: ClassVar[str] = "CSV with a header, the target last"
    columns: ClassVar[int | None] = None
    greatest: ClassVar[float | None] = None
    """What its values are divided by to lie between 0 and 1, where they share a scale."""

    scale: TableScale = None
    shape: OptionalShape = None
    test_size: TestSize = 0.2
    seed: SplitSeed = 0

    def check(self) -> None:
        check_scale(self.scale)

    def settle(self, wanted: Wanted) -> Self:
        port = one_input(self, wanted)
        scale = self.scale or wanted.span or "standard"
        return self.with_options(scale=scale, shape=shape_for(self, port, self.shape, self.shapes(port.example)))

    def shapes(self, example: Shape) -> tuple[Shape, ...]:
        """The shapes that a row can take."""
        return (self.columns,), (self.columns, 1)

    def x(self, wanted: Wanted) -> tuple[Array, ...]:
        low, high = self.scale if isinstance(self.scale, tuple) else STANDARD
        return (Array(self.shape or (self.columns,), "float32", "floats", low, high, isinstance(self.scale, tuple)),)


class ScikitLearn(Table):
    """A table that comes with scikit-learn."""

    abstract: ClassVar[bool] = True
    template = "scikit_learn.py.j2"
    loader: ClassVar[str] = ""


class Labelled(ScikitLearn):
    """A table whose targets are classes."""

    abstract: ClassVar[bool] = True
    targets = "classes"
    names: ClassVar[tuple[str, ...]] = ()

    one_hot: OptionalFlag = None

    @property
    def number_of_classes(self) -> int | None:
        return len(self.names)

    def class_names(self) -> tuple[str, ...]:
        return self.names


class Iris(Labelled):
    """150 flowers, 4 measurements, 3 species."""

    op = "iris"
    about = "Iris flowers"
    loader = "load_iris"
    columns = 4
    names = ("setosa", "versicolor", "virginica")


class Wine(Labelled):
    """178 wines, 13 chemical measurements, 3 cultivars."""

    op = "wine"
    about = "wines"
    loader = "load_wine"
    columns = 13
    names = ("class 0", "class 1", "class 2")


class BreastCancer(Labelled):
    """569 tumours, 30 measurements of cell nuclei, malignant or benign."""

    op = "breast_cancer"
    about = "tumours"
    loader = "load_breast_cancer"
    columns = 30
    names = ("malignant", "benign")


class Diabetes(ScikitLearn):
    """442 patients, 10 measurements, the progression of the disease after a year."""

    op = "diabetes"
    about = "patients"
    loader = "load_diabetes"
    columns = 10
    targets = "values"

    @property
    def target_span(self) -> Span | None:
        return 25.0, 346.0


class Digits(Labelled):
    """1,797 handwritten digits of 8x8 pixels, 10 classes."""

    op = "digits"
    about = "handwritten digits"
    loader = "load_digits"
    columns = 64
    greatest = 16
    names = tuple("0123456789")

    def settle(self, wanted: Wanted) -> Self:
        return super().settle(wanted if self.scale or wanted.span else with_span(wanted, (0.0, 1.0)))

    def shapes(self, example: Shape) -> tuple[Shape, ...]:
        return (64,), (8, 8), (8, 8, 1), (1, 8, 8), (64, 1)


def with_span(wanted: Wanted, span: Span) -> Wanted:
    """The same wish, for inputs that span some values."""
    return Wanted(wanted.inputs, wanted.outputs, wanted.losses, span)


class CaliforniaHousing(Table):
    """20,640 districts, 8 measurements, the median house value in dollars."""

    op = "california_housing"
    about = "California districts"
    template = "california_housing.py.j2"
    file = "local .npz instead of the download"
    columns = 8
    targets = "values"
    downloads = True

    @property
    def target_span(self) -> Span | None:
        return 14_999.0, 500_001.0


class Csv(Table):
    """One's own table: numbers in every column but the target's."""

    op = "csv"
    about = "rows of a CSV file"
    template = "csv.py.j2"
    file = "another CSV with the same columns"
    targets = "either"

    path: Annotated[str, FileName(".csv")]
    target: Annotated[str | None, Str(nullable=True)] = None
    one_hot: OptionalFlag = None

    def shapes(self, example: Shape) -> tuple[Shape, ...]:
        columns = example[0] if example else None
        return ((columns,), (columns, 1)) if len(example) == 2 and example[1] == 1 else ((columns,),)
