"""Layers that no spec may use, by name, each with the reason."""

LAYERS = {
    "Lambda": "it carries arbitrary code; use ops.<function>, or a block",
    "TFSMLayer": "it loads code from a file",
    "TorchModuleWrapper": "it carries arbitrary code",
    "JaxLayer": "it carries arbitrary code",
    "FlaxLayer": "it carries arbitrary code",
    "Layer": "it is the base class of layers and does nothing",
    "InputLayer": 'write "op": "Input"',
}
