"""The layers, functions and objects that a spec can use, each declared once.

Importing this package fills the registry (``archgen.layers.base.Declared.registry``): a module per family.

FLOPs are those of one example in prediction. One multiply-add counts as two, a sum, product or comparison as one,
one value of n as n; activation functions, masks, reshaping and what acts in training only count as none.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)
