"""How values read in pictures and tables: numbers, shapes, and the arguments of an op in a few words."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import Any

from archgen.graph import Frame
from archgen.layers.base import Declared
from archgen.layers.kinds import Object
from archgen.tensors import Dim, Tensor

SIZES = ("kernel_size", "pool_size", "size", "strides", "dilation_rate", "target_shape", "output_size")
"""Arguments whose lists are sizes side by side: 3×3."""

ALWAYS = ("kernel_size", "pool_size", "size")
"""Arguments shown even where they equal the default."""

PHRASES = {
    "kernel_size": "{}",
    "pool_size": "{}",
    "size": "{}",
    "strides": "stride {}",
    "filters": "{} filters",
    "units": "{}",
    "num_heads": "{} heads",
    "target_shape": "{}",
    "output_size": "{}",
    "layer": "{}",
    "activation": "{}",
    "padding": "{}",
    "dilation_rate": "dilation {}",
}
"""What is said of the arguments that need no name or another one, in the order in which they are said."""

UNSAID = ("_initializer", "_regularizer", "_constraint")
LEFT_OUT = ("shape", "seed", "epsilon", "momentum")
"""Arguments that a card leaves to its tooltip, as it does those that end as in ``UNSAID``."""

DIVIDING = re.compile(r"_(?!\d+$)")
"""What divides the words of a name: not what stands before a number at its end, as in ``beta_1``."""

PREFIXES = "kMGTPE"

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text on one line, without characters that XML or a terminal cannot take or that change its direction.

    >>> clean("a\\r\\n b\\x00")
    'a b\\ufffd'
    """
    return UNPRINTABLE.sub("\ufffd", " ".join(text.split()))


def count(number: Dim) -> str:
    """A number with its thousands apart, ``?`` where unknown.

    >>> count(25636712), count(None)
    ('25,636,712', '?')
    """
    return "?" if number is None else f"{number:,}"


def weights(number: int, unknown: Sequence[str] = ()) -> str:
    """How many parameters there are; ``unknown`` are classes of which nobody knows.

    >>> weights(1200), weights(8, ["LayerScale"])
    ('1,200 parameters', '8 parameters without those of LayerScale')
    """
    return f"{count(number)} parameters" + (f" without those of {', '.join(map(clean, unknown))}" if unknown else "")


def about(number: Dim, unit: str = "", base: int = 1000) -> str:
    """A quantity in three digits and a prefix: powers of 1000, or of 1024 (``Ki``, ``Mi``, ...).

    >>> about(999, "B"), about(7726743552), about(1048576, "B", 1024), about(None)
    ('999 B', '7.73 G', '1.00 MiB', '?')
    """
    if number is None:
        return "?"
    if number < base:
        return f"{number} {unit}".strip()
    power = 1
    while power < len(PREFIXES) and number >= base ** (power + 1) * 0.9995:
        power += 1
    value = number / base**power
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    prefix = PREFIXES[power - 1]
    return f"{value:.{digits}f} {prefix.upper() + 'i' if base == 1024 else prefix}{unit}"


def sizes(values: Sequence[Dim]) -> str:
    """Sizes side by side.

    >>> sizes((3, 3)), sizes((None, 128)), sizes(())
    ('3×3', '?×128', 'scalar')
    """
    return "×".join("?" if value is None else str(value) for value in values) or "scalar"


def flow(tensor: Tensor) -> str:
    """A tensor on an edge: one example's shape (the batch only where it is fixed), and a dtype that is not float32.

    >>> flow(Tensor((None, 32, 32, 3))), flow(Tensor((None,), "int32")), flow(Tensor((8, 4, 2)))
    ('32×32×3', 'scalar int32', '4×2, batch of 8')
    """
    if not tensor.shape:
        text = "scalar, no batch"
    elif tensor.batch is None:
        text = sizes(tensor.shape[1:])
    else:
        text = f"{sizes(tensor.shape[1:])}, batch of {tensor.batch}"
    return text if tensor.dtype == "float32" else f"{text} {tensor.dtype}"


def arguments(declared: Declared, *, full: bool = False) -> list[str]:
    """The arguments that a reader of a picture looks for, in a few words each; ``full`` is all that are not defaults.

    >>> from archgen.layers.core import Dense
    >>> arguments(Dense.create({"units": 128, "activation": "relu", "use_bias": False}))
    ['128', 'relu', 'no bias']
    >>> from archgen.layers.objects.optimizers import Adam
    >>> arguments(Adam.create({"learning_rate": 0.0002, "beta_1": 0.5}))
    ['learning rate 0.0002', 'beta_1 0.5']
    """
    return list(arguments_by_name(declared, full=full).values())


def arguments_by_name(declared: Declared, *, full: bool = False, also: Container[str] = ()) -> dict[str, str]:
    """The same by the name of the argument, those of ``also`` even where they equal their defaults."""
    values = {}
    for name, field in declared.fields.items():
        value = declared.argument(name)
        told = field.required or name in ALWAYS or value != field.value
        said = full or (name not in LEFT_OUT and not name.endswith(UNSAID) and not _needless(declared, name, value))
        if (told and said) or name in also:
            values[name] = value
    words = {}
    if "input_dim" in values and "output_dim" in values:
        words["input_dim"] = f"{values.pop('input_dim')} → {values.pop('output_dim')}"
    if "num_heads" in values and "key_dim" in values:
        words["num_heads"] = f"{values.pop('num_heads')} heads of {values.pop('key_dim')}"
    ordered = [name for name in PHRASES if name in values]
    ordered += [name for name in values if name not in PHRASES]
    return words | {name: _phrase(name, values[name]) for name in ordered}


def _needless(declared: Declared, name: str, value: Any) -> bool:
    """Whether an argument that differs from its default still changes nothing."""
    if name == "strides":
        return value is None or value == getattr(declared, "pool_size", None)
    return name == "activation" and value == "linear"


def _phrase(name: str, value: Any) -> str:
    words = DIVIDING.sub(" ", name)
    if value is True:
        return words
    if value is False:
        return "frozen" if name == "trainable" else f"no {words.removeprefix('use ')}"
    if name in SIZES and isinstance(value, tuple):
        known = [None if size == -1 else size for size in value]
        text = str(known[0]) if name in ("strides", "dilation_rate") and len(set(known)) == 1 else sizes(known)
        return f"{words} {text}" if len(known) == 1 and name in ALWAYS else PHRASES[name].format(text)
    if name in PHRASES and not isinstance(value, tuple) and (name != "padding" or isinstance(value, str)):
        phrase = PHRASES[name].format(brief(value))
        return phrase.removesuffix("s") if phrase.startswith("1 ") else phrase
    if name == "dtype":
        return brief(value)
    return f"{words} {brief(value)}"


def brief(value: Any, limit: int = 48) -> str:
    """A value as it reads in passing.

    >>> brief((1,)), brief(0.25), brief("same"), brief(Object("L2", {"l2": 0.01}))
    ('(1,)', '0.25', 'same', 'L2(l2=0.01)')
    """
    if isinstance(value, str):
        text = clean(value)
    elif isinstance(value, float):
        text = f"{value:g}"
    elif isinstance(value, Object):
        text = call(value.op, value.arguments)
    elif isinstance(value, Declared):
        text = f"{value.op}({', '.join(arguments(value))})"
    elif isinstance(value, (list, tuple)):
        items = ", ".join(brief(item, limit) for item in value[:limit])
        alone = "," if isinstance(value, tuple) and len(value) == 1 else ""
        text = f"({items}{alone})" if isinstance(value, tuple) else f"[{items}]"
    else:
        text = clean(str(value))
    return shorten(text, limit)


def call(name: str, given: dict[str, Any]) -> str:
    """A name with its arguments.

    >>> call("residual_block", {"filters": 64, "strides": 2})
    'residual_block(filters=64, strides=2)'
    """
    return f"{clean(name)}({', '.join(f'{clean(key)}={brief(value)}' for key, value in given.items())})"


def heading(frame: Frame, times: int = 1) -> tuple[str, str]:
    """What a frame is known by, and what it is a use of: the block's or model's name and arguments.

    A frame that stands for several turns of a repeated block is known by its call, without the first turn's number.
    """
    use = call(frame.name, frame.arguments) if frame.arguments else clean(frame.name)
    label = clean(frame.label.removesuffix(f"_{frame.turn}") if times > 1 and frame.kind == "block" else frame.label)
    return label, "" if use == label else use


def shorten(text: str, limit: int) -> str:
    """The text, or its two ends where it is longer than ``limit`` characters.

    >>> shorten("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"


def wrap(text: str, width: int, lines: int) -> list[str]:
    """The text in at most ``lines`` lines of ``width`` characters, broken after a space, ``_``, ``/`` or ``,``.

    A text too long for them keeps its two ends.

    >>> wrap("a_rather_long_name", 9, 2)
    ['a_rather_', 'long_name']
    """
    for limit in range(width * lines, 0, -1):
        broken = _break(shorten(text, limit), width)
        if len(broken) <= lines:
            return broken
    return []


def phrased(phrases: Sequence[str], width: int, lines: int) -> list[str]:
    """Phrases in lines of ``width`` characters, about as long as each other, broken between phrases where that fits.

    >>> phrased(["3×3", "64 filters", "relu", "same"], 24, 3), phrased(["a_rather_long_name"], 9, 2)
    (['3×3, 64 filters,', 'relu, same'], ['a_rather_', 'long_name'])
    """
    packed = _pack(phrases, width)
    if len(packed) > lines or any(len(line) > width for line in packed):
        return wrap(", ".join(phrases), width, lines)
    tries = (_pack(phrases, narrower) for narrower in range(width))
    return next((tried for tried in tries if len(tried) == len(packed)), packed)


def _pack(phrases: Sequence[str], width: int) -> list[str]:
    """Phrases, with commas between them, in as few lines of ``width`` characters as they fill in order."""
    lines: list[str] = []
    for number, phrase in enumerate(phrases):
        words = phrase + "," * (number < len(phrases) - 1)
        if lines and len(lines[-1]) + len(words) < width:
            lines[-1] += f" {words}"
        else:
            lines.append(words)
    return lines


def _break(text: str, width: int) -> list[str]:
    """The text in lines of ``width`` characters, a piece longer than that cut."""
    lines = [""]
    for piece in re.findall(r"[^ _/,]*(?:[ _/,]+|$)", text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > width:
            lines.append("")
        while len(piece.rstrip()) > width:
            lines[-1] = piece[:width]
            lines.append("")
            piece = piece[width:]
        lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]
