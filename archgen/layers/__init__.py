"""The layers, functions and objects that a spec can use, each declared once.

Importing this package fills the registry (``archgen.layers.base.Declared.registry``): a module per family.

FLOPs are those of one example in prediction. One multiply-add counts as two, a sum, product or comparison as one;
activation functions, masks, reshaping and what acts in training only count as none.
"""

from archgen.layers import (
    activation,
    attention,
    conv_lstm,
    convolution,
    core,
    merging,
    multi_head,
    normalization,
    objects,
    ops,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    reshaping,
    wrappers,
)

__all__ = [
    "activation",
    "attention",
    "conv_lstm",
    "convolution",
    "core",
    "merging",
    "multi_head",
    "normalization",
    "objects",
    "ops",
    "pooling",
    "preprocessing",
    "recurrent",
    "regularization",
    "reshaping",
    "wrappers",
]
