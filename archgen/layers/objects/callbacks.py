"""Callbacks: what happens between epochs. Those that take plain values and write only below the output directory."""

from typing import Annotated, Any, ClassVar

from archgen.layers.kinds import Choice, Flag, Float, Int, NaturalInt, NonNegative, OneOf, Text
from archgen.layers.objects.base import Argument, FileName, OptionalNumber, refuse

Mode = Annotated[str, Choice("auto", "min", "max")]
Verbosity = Annotated[int, Int(0, 2)]
Frequency = Annotated[Any, OneOf(Choice("epoch"), Int(1))]


class Callback(Argument):
    """Something that ``fit`` calls as it goes."""

    role: ClassVar[str] = "callback"
    module: ClassVar[str] = "keras.callbacks"
    abstract: ClassVar[bool] = True
    named: ClassVar[bool] = False


class EarlyStopping(Callback):
    """Stops when what it monitors no longer improves."""

    monitor: Text = "val_loss"
    min_delta: NonNegative = 0
    patience: NaturalInt = 0
    verbose: Verbosity = 0
    mode: Mode = "auto"
    baseline: OptionalNumber = None
    restore_best_weights: Flag = False
    start_from_epoch: NaturalInt = 0


class ReduceLROnPlateau(Callback):
    """Lowers the learning rate when what it monitors no longer improves."""

    monitor: Text = "val_loss"
    factor: Annotated[float, Float(above=0)] = 0.1
    patience: NaturalInt = 10
    verbose: Verbosity = 0
    mode: Mode = "auto"
    min_delta: NonNegative = 0.0001
    cooldown: NaturalInt = 0
    min_lr: NonNegative = 0.0

    def check(self) -> None:
        if self.factor >= 1:
            raise refuse(f"the factor must be below 1, found {self.factor}", "factor", "write 0.5 to halve the rate")


class TerminateOnNaN(Callback):
    """Stops when the loss is no longer a finite number."""

    raise_error: Flag = False


class SwapEMAWeights(Callback):
    """Evaluates with the moving averages of the weights, which an optimizer with ``use_ema`` keeps."""

    swap_on_epoch: Flag = False


class CSVLogger(Callback):
    """Writes a row per epoch."""

    filename: Annotated[str, FileName()]
    separator: Annotated[str, Choice(",", ";", "\t", "|")] = ","
    append: Flag = False


class ModelCheckpoint(Callback):
    """Saves the model, or its weights, as it trains."""

    filepath: Annotated[str, FileName(".keras", ".weights.h5", pattern=True)]
    monitor: Text = "val_loss"
    verbose: Verbosity = 0
    save_best_only: Flag = False
    save_weights_only: Flag = False
    mode: Mode = "auto"
    save_freq: Frequency = "epoch"
    initial_value_threshold: OptionalNumber = None

    def check(self) -> None:
        ending = ".weights.h5" if self.save_weights_only else ".keras"
        if not self.filepath.endswith(ending):
            what = "weights" if self.save_weights_only else "a whole model"
            raise refuse(f'a file of {what} ends in {ending}, found "{self.filepath}"', "filepath")


class BackupAndRestore(Callback):
    """Keeps what is needed to go on after an interruption."""

    backup_dir: Annotated[str, FileName()]
    save_freq: Frequency = "epoch"
    double_checkpoint: Flag = False
    delete_checkpoint: Flag = True
