"""Which dtype comes of several: Keras's promotion, as on TensorFlow."""

from archgen.tensors import FLOATS

WIDTHS = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}


def promote(*dtypes: str) -> str:
    """The dtype that tensors of these dtypes combine to.

    ``"int"`` and ``"float"`` stand for numbers in the spec: they decide the kind and leave the width to the tensors.

    >>> promote("int32", "float16"), promote("int32", "float"), promote("uint8", "int8"), promote("bool", "int")
    ('float16', 'float32', 'int16', 'int32')
    """
    if len(set(dtypes)) == 1 and dtypes[0] == "string":
        return "string"
    floats = {dtype for dtype in dtypes if dtype in FLOATS}
    if floats:
        widest = max(WIDTHS[dtype] for dtype in floats)
        return next(iter(floats)) if len(floats) == 1 else f"float{max(widest, 32)}"
    if "float" in dtypes:
        return "float32"
    signed = [int(dtype[3:]) for dtype in dtypes if dtype.startswith("int") and dtype != "int"]
    unsigned = [int(dtype[4:]) for dtype in dtypes if dtype.startswith("uint")]
    if not signed and not unsigned:
        return "int32" if "int" in dtypes else "bool"
    if not unsigned:
        return f"int{max(signed)}"
    if not signed:
        # Keras has no wider unsigned result.
        return f"uint{min(max(unsigned), 32)}"
    if max(unsigned) == 64:
        return "float32"
    return f"int{max(*signed, 2 * max(unsigned))}"


def to_float(dtype: str) -> str:
    """The dtype of what is a fraction: a float as it is, anything else as ``float32``."""
    return dtype if dtype in FLOATS else "float32"


def to_total(dtype: str) -> str:
    """The dtype of a sum or product of many: integers at least 32 bits wide."""
    if dtype in ("bool", "int8", "int16"):
        return "int32"
    return "uint32" if dtype in ("uint8", "uint16") else dtype
