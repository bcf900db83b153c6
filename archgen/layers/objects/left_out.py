"""Public classes of Keras that no spec may use as arguments, by role and name, each with the reason."""

BASE = "it is the base class and does nothing"
RUNS_CODE = "it runs Python functions, which a spec does not hold"
ALWAYS_THERE = "fit brings it along"

OBJECTS: dict[str, dict[str, str]] = {
    "initializer": {"Initializer": BASE},
    "regularizer": {"Regularizer": BASE},
    "constraint": {"Constraint": BASE},
    "optimizer": {
        "Optimizer": BASE,
        "MultiOptimizer": "it takes variables, which exist only once the model is built",
        "OptimizerMap": "it takes functions that pick variables, which a spec does not hold",
    },
    "schedule": {"LearningRateSchedule": BASE},
    "loss": {"Loss": BASE},
    "metric": {
        "Metric": BASE,
        "MeanMetricWrapper": RUNS_CODE,
        "Mean": "it keeps the mean of single values, not of targets and predictions",
        "Sum": "it keeps the sum of single values, not of targets and predictions",
    },
    "callback": {
        "Callback": BASE,
        "CallbackList": "it holds callbacks; list them",
        "History": ALWAYS_THERE,
        "ProgbarLogger": ALWAYS_THERE,
        "LambdaCallback": RUNS_CODE,
        "LearningRateScheduler": "it runs a Python function; give the optimizer a schedule as its learning_rate",
        "OrbaxCheckpoint": "it needs the package orbax-checkpoint; use ModelCheckpoint",
        "RemoteMonitor": "it sends what it sees over the network; use CSVLogger",
        "TensorBoard": "it needs the package tensorboard, which TensorFlow no longer brings; use CSVLogger",
    },
}
