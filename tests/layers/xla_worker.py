"""A child process that asks XLA what one Keras layer or function costs: JSON lines in, JSON lines out.

Keras runs on JAX here, whose compiler counts the operations of the program that a model is lowered to. They are counted
before XLA optimises: afterwards the count depends on what has been fused and folded for this machine. A loop's body
counts once, so recurrent layers have to be unrolled. A request is what ``keras_worker`` takes, with a batch of 1; with
``"memory": true`` the answer is what the compiled program's arguments and results take up.
"""

import json
import sys
import warnings

import jax
from keras_worker import construct


def lower(request):
    """The prediction of a model of one layer, its weights and its input being the arguments, as XLA reads it."""
    _, model, _ = construct(request)
    frozen = [variable.value for variable in model.non_trainable_variables]
    trained = [variable.value for variable in model.trainable_variables]
    inputs = [jax.ShapeDtypeStruct(tensor.shape, tensor.dtype) for tensor in model.inputs]

    def predict(trained, frozen, inputs):
        outputs, _ = model.stateless_call(trained, frozen, inputs, training=False)
        return outputs

    return jax.jit(predict).lower(trained, frozen, inputs)


def cost(request):
    """Operations for one example: products, sums and comparisons, and apart from them exp, sqrt and the like."""
    counted = lower(request).cost_analysis()
    return {"flops": int(counted.get("flops", 0)), "transcendentals": int(counted.get("transcendentals", 0))}


def memory(request):
    """Bytes of weights and inputs together, and of the outputs."""
    lowered = lower(request)
    found = lowered.compile().memory_analysis()
    # Several results are a tuple, which holds a pointer of eight bytes to each.
    results = len(jax.tree.leaves(lowered.out_info))
    pointers = 8 * results if results > 1 else 0
    return {"arguments": found.argument_size_in_bytes, "outputs": found.output_size_in_bytes - pointers}


def answer(request):
    """The count, or ``{"error": ...}``."""
    try:
        return memory(request) if request.get("memory") else cost(request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def main():
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
