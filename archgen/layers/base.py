"""How an op is declared: one class, whose annotated fields are its arguments and whose methods are its rules.

A declaration is arithmetic on tensors. It knows nothing of JSON, networkx, Graphviz, Jinja or Keras.
Everything else reads it: loading and hints read the fields, the JSON Schema and the reference docs their kinds,
generated code their order and defaults, inference the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from archgen.errors import LayerError, did_you_mean, nearest
from archgen.layers.kinds import Bool, DType, Kind, Object, kind_of
from archgen.layers.masks import Carried, Mask
from archgen.tensors import Dim, Tensor, Weight


class Required:
    """The default of an argument that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = Required()


@dataclass(frozen=True, slots=True)
class Field:
    """One argument: its name as Keras spells it, what it takes, and its default."""

    name: str
    kind: Kind
    default: Any = REQUIRED

    @property
    def value(self) -> Any:
        """The default as the rules read it: a number becomes the sizes that it stands for."""
        return self.kind.coerce(self.default) if isinstance(self.default, (int, float, list, tuple)) else self.default

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


Output = Tensor | tuple[Tensor, ...]
"""What an op gives: one tensor, or several."""


EXAMPLES = {
    "discriminator": '"discriminator"',
    "filters": "32",
    "generator": '"generator"',
    "head_dim": "32",
    "input_dim": "1000",
    "kernel_size": "3",
    "key_dim": "32",
    "num_classes": "10",
    "num_heads": "4",
    "output_dim": "64",
    "pool_size": "2",
    "units": "64",
}
"""What to write for arguments that are missing, where the least value that they take would make no sense."""


class Declared:
    """Anything a spec can build by name: a layer, a function, an initializer, an optimizer, ...

    Annotate a class attribute with a kind (``units: PositiveInt``) to declare an argument; give it a value to give
    it a default. Fields keep the order in which they are first declared, those of base classes first; a subclass
    that declares one again changes its kind or default and not its place. ``drops`` names inherited fields that a
    subclass does not take.
    """

    role: ClassVar[str] = ""
    """What it is: ``layer``, ``op``, ``initializer``, ... Each role is a namespace of the registry."""
    op: ClassVar[str] = ""
    """Its name in a spec. The class's own name unless given."""
    abstract: ClassVar[bool] = True
    """Set anew by every class that is not to be registered."""
    drops: ClassVar[tuple[str, ...]] = ()
    left_out: ClassVar[dict[str, str]] = {}
    """Parameters of Keras that are not declared, each with the reason; a subclass adds to those of its bases."""
    samples: ClassVar[dict[str, Sequence[Any]]] = {}
    """Values to draw in tests, for arguments whose kind says too little of what makes sense."""
    positional: ClassVar[int | None] = None
    """How many leading arguments generated code passes by position; by default those without a default."""
    fields: ClassVar[dict[str, Field]] = {}

    registry: ClassVar[dict[str, dict[str, type[Declared]]]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        fields = {name: f for name, f in cls.fields.items() if name not in cls.drops}
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            kind = kind_of(annotation)
            if kind is not None:
                fields[name] = Field(name, kind, cls.__dict__.get(name, REQUIRED))
        for name in fields:
            if name in cls.__dict__ and fields[name].default is not cls.__dict__[name]:
                fields[name] = Field(name, fields[name].kind, cls.__dict__[name])
        cls.fields = fields
        if "op" not in cls.__dict__:
            cls.op = cls.__name__
        if not cls.__dict__.get("abstract", False):
            cls.abstract = False
            Declared.registry.setdefault(cls.role, {})[cls.op] = cls

    def __init__(self, **arguments: Any) -> None:
        """Keep arguments that ``create`` has already checked; absent ones take their defaults."""
        for name, field in self.fields.items():
            if name in arguments:
                setattr(self, name, arguments[name])
            else:
                setattr(self, name, None if field.required else field.value)

    @classmethod
    def create(cls, arguments: Mapping[str, Any]) -> Self:
        """Check arguments, one by one and then together, and build the declaration.

        Raises a ``LayerErrors`` group with every mistake found.
        """
        errors = cls.mistakes_in_names(arguments)
        values: dict[str, Any] = {}
        for name, field in cls.fields.items():
            if name not in arguments:
                if not field.required and isinstance(field.default, (int, float, str, list, tuple)):
                    values[name] = field.kind.coerce(field.default)
                continue
            try:
                values[name] = field.kind.coerce(arguments[name])
            except LayerErrors as group:
                errors += [error.under(name) for error in group.errors]
            except LayerError as error:
                errors.append(error.under(name))
        if errors:
            raise LayerErrors(errors)
        self = cls(**values)
        self.check()
        return self

    @classmethod
    def mistakes_in_names(cls, arguments: Mapping[str, Any]) -> list[LayerError]:
        """Arguments that the op does not take, and required ones that are missing and not just misspelt."""
        misspelt = {nearest(name, cls.fields) for name in arguments if name not in cls.fields}
        errors = [
            LayerError(
                f'{cls.spoken()} has no argument "{name}"',
                param=name,
                code="unknown-argument",
                hint=did_you_mean(name, cls.fields) or cls.says_arguments(),
            )
            for name in arguments
            if name not in cls.fields
        ]
        errors += [
            LayerError(
                f'{cls.spoken()} needs "{field.name}"',
                code="missing-argument",
                hint=f'add "{field.name}": {EXAMPLES.get(field.name) or field.kind.example()}',
            )
            for field in cls.fields.values()
            if field.required and field.name not in arguments and field.name not in misspelt
        ]
        return errors

    def argument(self, name: str) -> Any:
        """The value of an argument."""
        return getattr(self, name)

    @classmethod
    def spoken(cls) -> str:
        """Its name as a spec writes it."""
        return f"ops.{cls.op}" if cls.role == "op" else cls.op

    @classmethod
    def says_arguments(cls) -> str:
        """The arguments there are, as a hint."""
        return f"take it out; its arguments are {', '.join(cls.fields)}" if cls.fields else "take it out"

    def check(self) -> None:
        """Look at the arguments together; raise ``LayerError`` where they contradict each other."""

    @classmethod
    def gathered(cls, table: str) -> dict[str, Any]:
        """A class attribute that is a table, with what the base classes have in theirs."""
        return {key: value for each in reversed(cls.__mro__) for key, value in each.__dict__.get(table, {}).items()}

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring."""
        return (cls.__dict__.get("__doc__") or "").strip().split("\n")[0]


class LayerErrors(LayerError):
    """Several mistakes in one node."""

    def __init__(self, errors: list[LayerError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors

    def under(self, *prefix: str | int) -> LayerError:
        return LayerErrors([error.under(*prefix) for error in self.errors])


class Operation(Declared):
    """What can stand at a node: takes tensors, gives tensors.

    ``call_inputs`` names the tensors it takes, in Keras's order, the first ``required_inputs`` of them needed;
    ``takes_list`` says that it takes one list of ``min_inputs`` to ``max_inputs`` tensors instead. ``options`` are
    the constants that the call takes (the word ``call`` of a node).

    ``output``, ``weights`` and ``flops`` are given the tensors in the order of ``call_inputs`` (all of a list as
    positional arguments), tensors passed by name as keywords, and ``call`` constants as keywords. They are annotated
    as ``Any`` so that an op may name its own.
    """

    abstract: ClassVar[bool] = True
    category: ClassVar[str] = "core"
    """What sort of op it is; the theme gives the colour. One of ``CATEGORIES``."""
    call_inputs: ClassVar[tuple[str, ...]] = ("inputs",)
    required_inputs: ClassVar[int] = 1
    takes_list: ClassVar[bool] = False
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = None
    list_inputs: ClassVar[tuple[str, ...]] = ()
    """Those of ``call_inputs`` that may be several tensors."""
    by_name: ClassVar[tuple[str, ...]] = ()
    """Those of ``call_inputs`` that Keras takes by name only."""
    options: ClassVar[dict[str, Kind]] = {}
    shares_name: ClassVar[bool] = False
    """Whether the layers it makes take its own name, where it is given one, and no automatic names then."""
    in_sequential: ClassVar[bool] = True
    """Whether it can stand in a ``keras.Sequential``: it takes one tensor and gives one."""
    imported: ClassVar[bool] = False
    """Whether it is a class of one's own, of which only what the spec declares is known: no weights, no FLOPs."""
    rule: ClassVar[str] = ""
    """The shape rule in words or as a formula, for ``archgen layers NAME``."""
    passes_mask: ClassVar[bool] = False
    """Whether it gives the mask of the first tensor that it reads."""
    stricter: ClassVar[dict[str, str]] = {
        "mixes the examples of a batch|sums over the batch": "what comes of one example is its own",
        "STFT makes weights": "without bins, the weights are not a number",
        "seed: expected": "a negative seed wraps around in Keras",
        ": expected a positive .*found 0": "of nothing there is nothing",
        "does not reach the layers inside": "what was to be frozen is trained",
        "where Keras announces": "what reads it would be told another dtype than it gets",
        "does not exist in a weight": "it fails when the first step of training applies the constraint",
        "needs (a )?floating-point": "Keras announces floats, and whole numbers stay whole or fail",
        "there is no regularizer": "Keras looks at it when it first needs it, if ever",
        "compares pairs of": "of one there is no pair, and the loss is no number",
    }
    """What is refused although Keras builds and runs it: a pattern for ``argument: message``, and the reason."""
    sample_ranks: ClassVar[tuple[int, ...]] = ()
    """How many dimensions its inputs have in tests, where the common numbers do not do."""
    sample_dtypes: ClassVar[tuple[str, ...]] = ("float32",)
    """The dtypes that its inputs mostly have in tests."""

    def output(self, *tensors: Any, **call: Any) -> Output:
        """Shape and dtype of what it gives; raises ``LayerError`` on tensors that it cannot take."""
        raise NotImplementedError

    def weights(self, *tensors: Any, **call: Any) -> dict[str, Weight]:
        """Its variables by their Keras path below the layer, in Keras's order; built after ``output`` succeeded."""
        return {}

    def flops(self, *tensors: Any, **call: Any) -> Dim:
        """Floating-point operations for one example, one multiply-add counted as two; ``None`` where unknown."""
        return 0

    def carry(self, tensors: Sequence[Tensor], masks: Sequence[Mask]) -> Carried:
        """The masks of the first tensors that it gives, from those of ``tensors``, its first argument."""
        return ((masks[0],) if self.passes_mask and masks else ()), ()

    def carry_on(self, tensors: Sequence[Tensor], masks: Sequence[Mask], **call: Any) -> tuple[Mask, ...]:
        """The same of the masks that there are when the network runs, some of which only show then."""
        return self.carry(tensors, masks)[0]

    @classmethod
    def option(cls, name: str) -> Kind | None:
        """What the call constant of this name takes; ``None`` where there is none."""
        return cls.options.get(name)

    @classmethod
    def call_words(cls, words: Sequence[str]) -> Sequence[str]:
        """How generated code passes what is given by position: as it is, unless the op says otherwise."""
        return words

    @classmethod
    def states_together(cls, arguments: Mapping[str, Any]) -> tuple[int, ...]:
        """How many tensors each of its states is, where Keras keeps some of them in lists; for unchecked arguments."""
        return ()

    @classmethod
    def pick(cls, arguments: Mapping[str, Any], output: int, count: int) -> str:
        """How generated code picks one of the ``count`` tensors that it gives, the last of which are its states."""
        groups = cls.states_together(arguments)
        place = count - sum(groups)
        if output < place or place < 1:
            return f"[{output}]"
        for index, size in enumerate(groups, start=place):
            if output < place + size:
                return f"[{index}]" + (f"[{output - place}]" if size > 1 else "")
            place += size
        return f"[{output}]"

    @classmethod
    def listed(cls, arguments: Mapping[str, Any], words: Sequence[str]) -> str:
        """How generated code passes several tensors under one name: a list, of lists where states stand together."""
        groups, rest = cls.states_together(arguments), iter(words)
        if sum(groups) == len(words):
            parts = [[next(rest) for _ in range(size)] for size in groups]
            words = [part[0] if len(part) == 1 else f"[{', '.join(part)}]" for part in parts]
        return f"[{', '.join(words)}]"

    @property
    def keras_class(self) -> str:
        """The name of the class that Keras's automatic name is made from."""
        return type(self).op

    def names_before(self) -> tuple[str, ...]:
        """Classes that take an automatic name before the layer itself does: the layers it wraps."""
        return ()

    def take_names(self, names: tuple[str, ...]) -> None:
        """Learn the automatic names that the classes of ``names_before`` got, in that order."""

    def names_on_build(self) -> tuple[str, ...]:
        """Classes of inner layers that take an automatic name when the layer is built."""
        return ()

    def names_on_call(self, *tensors: Any, **call: Any) -> tuple[str, ...]:
        """Classes of functions of ``keras.ops`` that take an automatic name at every call: casts and masks."""
        return ()


LATER = "set by enable_lora() or quantize() on a layer that is trained"


class Layer(Operation):
    """A Keras layer. Every layer takes ``trainable`` and ``dtype`` besides its own arguments."""

    role: ClassVar[str] = "layer"
    abstract: ClassVar[bool] = True
    left_out = {
        "name": "the node's id",
        "lora_rank": LATER,
        "lora_alpha": LATER,
        "quantization_config": LATER,
        "gptq_unpacked_column_size": LATER,
    }
    common: ClassVar[dict[str, Field]] = {}
    """Arguments of every layer, after its own; generated code passes them by keyword."""

    dtypes: ClassVar[tuple[str, ...]] = ()
    """What ``dtype`` takes, where it is not what layers commonly take."""
    freezes: ClassVar[bool] = True
    """Whether ``trainable`` reaches all of its weights. Keras does not tell layers that a layer makes for itself."""

    autocast: ClassVar[bool] = True
    """Whether Keras casts floating-point inputs to the compute dtype before the layer sees them."""
    casts_integers: ClassVar[bool] = False
    """Whether Keras does so with integers as well, but in a ``TimeDistributed``, which goes round it."""

    trainable: bool
    dtype: str | None

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: field for name, field in cls.fields.items() if name not in COMMON or name in cls.drops}
        common = {name: field for name, field in COMMON.items() if name not in cls.drops}
        if cls.dtypes and "dtype" in common:
            common["dtype"] = Field("dtype", DType(*cls.dtypes, nullable=True), None)
        cls.fields = {**own, **common}

    @classmethod
    def create(cls, arguments: Mapping[str, Any]) -> Self:
        self = super().create(arguments)
        if not self.freezes and not self.trainable:
            raise LayerErrors([self.not_frozen()])
        halved = [name for name in cls.fields if self.argument(name) == "sparsemax"]
        if halved and self.compute_dtype == "float16":
            error = LayerError(
                "sparsemax fails in float16 on TensorFlow",
                param=halved[0],
                code="bad-argument",
                hint='use "softmax", or leave "dtype" out',
            )
            raise LayerErrors([error])
        return self

    def not_frozen(self) -> LayerError:
        """The error for ``"trainable": false`` where Keras would train the layers inside all the same."""
        return LayerError(
            f"false does not reach the layers inside {self.op}: Keras trains them all the same",
            param="trainable",
            code="bad-argument",
            hint='leave out "trainable"',
        )

    @property
    def compute_dtype(self) -> str:
        """The dtype that floating-point inputs are cast to before the layer sees them (``float32`` unless given)."""
        return COMPUTE_DTYPES.get(self.dtype or "float32", self.dtype or "float32")

    @property
    def variable_dtype(self) -> str:
        """The dtype of its weights."""
        return VARIABLE_DTYPES.get(self.dtype or "float32", self.dtype or "float32")

    def cast(self, tensor: Tensor) -> Tensor:
        """What the layer sees of an input: Keras casts floating-point inputs to the compute dtype, no others."""
        return Tensor(tensor.shape, self.compute_dtype) if tensor.is_float else tensor

    def names_on_call(self, *tensors: Any, **call: Any) -> tuple[str, ...]:
        named = [x for given in call.values() for x in (given if isinstance(given, tuple) else (given,))]
        read = [x for x in (*tensors, *named) if isinstance(x, Tensor)]
        cast = [x for x in read if self.autocast and x.is_float and x.dtype != self.compute_dtype]
        return ("Cast",) * len(cast)

    def weight(self, *shape: Dim, trainable: bool = True, dtype: str | None = None, of: str | None = None) -> Weight:
        """A weight of known shape, frozen where the layer is.

        ``of`` names the arguments that it is made with: ``"kernel"`` stands for ``kernel_initializer``,
        ``kernel_regularizer`` and ``kernel_constraint``, which must be able to work on that shape.
        """
        if any(dim is None for dim in shape):
            raise LayerError(
                f"{self.op} needs to know every dimension of its weights, found {shape}",
                hint="give the input dimension a number",
                code="unknown-dimension",
            )
        known_shape = tuple(dim for dim in shape if dim is not None)
        if of is not None:
            self.check_made(of, known_shape)
        return Weight(known_shape, trainable and bool(self.trainable), dtype or self.variable_dtype)

    def check_made(self, of: str, shape: tuple[Dim, ...]) -> None:
        """Raise where an object given for ``<of>_initializer`` and so on cannot work on values of this shape."""
        # Keras asks the regularizers and constraints of trainable weights only, but always those of activity.
        asked = self.trainable or of == "activity"
        for role in ("initializer", "regularizer", "constraint") if asked else ("initializer",):
            name = f"{of}_{role}"
            field = self.fields.get(name)
            if field is None or getattr(self, name) == field.default:
                continue
            from archgen.layers.objects import resolve

            made: Any = resolve(role, getattr(self, name))
            try:
                if made is not None:
                    made.check_shape(shape)
            except LayerError as error:
                raise error.under(name) from None


COMPUTE_DTYPES = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
VARIABLE_DTYPES = {"mixed_float16": "float32", "mixed_bfloat16": "float32"}
COMMON = {"trainable": Field("trainable", Bool(), True), "dtype": Field("dtype", DType(nullable=True), None)}


class Op(Operation):
    """A function of ``keras.ops``, written ``ops.name`` in a spec. It has no weights and takes no name."""

    stricter = {
        "does not fit in": "the number wraps round",
        "a batch meets another dimension": "it fits where a size happens to be 1, or that of the batch",
        r"needs .*, found (bool|string|u?int|b?float)\d*$": "Keras announces another dtype than it gives, or fails",
    }

    role: ClassVar[str] = "op"
    abstract: ClassVar[bool] = True
    category: ClassVar[str] = "ops"
    call_inputs: ClassVar[tuple[str, ...]] = ("x",)
    in_sequential: ClassVar[bool] = False
    operator: ClassVar[str] = ""
    """The operator that generated code writes between two operands, in place of the function."""
    mirrored: ClassVar[bool] = False
    """Whether Python turns the operator round where the first operand is a number, and so calls another function."""
    leading: ClassVar[int] = 0
    """How many arguments stand before the tensors."""

    @property
    def keras_class(self) -> str:
        return type(self).__name__

    @classmethod
    def spelled(cls, read: Sequence[str], words: Sequence[str], *, number_first: bool = False) -> str:
        """How generated code writes a call: ``read`` are its operands, ``words`` its other arguments, as source.

        >>> class Times(Op):
        ...     op, operator, abstract = "times", "*", True
        >>> Times.spelled(["x", "a + b"], []), Times.spelled(["x"], ["n=2"])
        ('x * (a + b)', 'ops.times(x, n=2)')
        """
        turned = number_first and cls.mirrored
        if cls.operator and len(read) == 2 and not words and not turned and not any(map(NAMED.match, read)):
            left, right = (word if SIMPLE.fullmatch(word) else f"({word})" for word in read)
            right = read[1] if NUMBER.fullmatch(read[1]) else right
            return f"{left} {cls.operator} {right}"
        return f"ops.{cls.op}({', '.join([*words[: cls.leading], *read, *words[cls.leading :]])})"


NAMED = re.compile(r"\w+=")
"""An argument passed by name, as source."""
SIMPLE = re.compile(r"\w+(\[\w+\])*|\d+\.\d+")
"""Source that needs no parentheses beside an operator."""
NUMBER = re.compile(r"-?\d+(\.\d+)?")
"""A number as source, which needs none after an operator even where it is negative."""


CATEGORIES = (
    "input",
    "core",
    "convolution",
    "pooling",
    "normalization",
    "recurrent",
    "attention",
    "merging",
    "activation",
    "reshaping",
    "regularization",
    "preprocessing",
    "ops",
    "own",
)


@cache
def automatic_name(class_name: str) -> str:
    """Keras's automatic name for a class, without the number (``keras.src.utils.naming.to_snake_case``).

    >>> automatic_name("Conv2DTranspose"), automatic_name("PReLU"), automatic_name("LSTM")
    ('conv2d_transpose', 'p_re_lu', 'lstm')
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def known(role: str) -> dict[str, type[Declared]]:
    """Everything declared in a role, by name."""
    return Declared.registry.get(role, {})


def build(role: str, value: Object) -> Declared:
    """Build an object of a role from ``{"op": ..., arguments}``; raises ``LayerError``."""
    from archgen.layers.objects.left_out import OBJECTS
    from archgen.layers.refused import refusal

    declared = known(role).get(value.op)
    refused = refusal(value.op) if declared is None and role == "layer" else None
    if refused is not None:
        message, hint = refused
        raise LayerError(message, param="op", code="refused-op", hint=hint)
    if declared is None and value.op in OBJECTS.get(role, {}):
        raise LayerError(
            f"{value.op} cannot stand in a spec: {OBJECTS[role][value.op]}",
            param="op",
            code="refused-op",
            hint=f"known: {', '.join(sorted(known(role)))}",
        )
    if declared is None:
        raise LayerError(
            f'there is no {role.replace("_", " ")} "{value.op}"',
            param="op",
            code="unknown-op",
            hint=did_you_mean(value.op, known(role)) or f"known: {', '.join(sorted(known(role)))}",
        )
    return declared.create(value.arguments)
