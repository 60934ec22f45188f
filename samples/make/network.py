"""Networks as lists of layers: one definition that JAX trains and ONNX stores.

A layer is a dict with `kind` (`conv`, `flatten`, `dense`, `relu`) and, for the first and third, `weight` and `bias`.
Weights lie as ONNX wants them: conv [out, in, kh, kw], dense [out, in].
"""

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def conv(rng, inputs, outputs, kernel, stride, padding):
    fan_in = inputs * kernel * kernel
    weight = rng.normal(0, np.sqrt(2 / fan_in), (outputs, inputs, kernel, kernel)).astype(np.float32)
    return {"kind": "conv", "stride": stride, "padding": padding, "weight": weight, "bias": np.zeros(outputs, np.float32)}


def dense(rng, inputs, outputs):
    weight = rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs)).astype(np.float32)
    return {"kind": "dense", "weight": weight, "bias": np.zeros(outputs, np.float32)}


def split(layers):
    """Layers as (what is trained, what is not)."""
    trained = [{k: v for k, v in layer.items() if k in ("weight", "bias")} for layer in layers]
    fixed = [{k: v for k, v in layer.items() if k not in ("weight", "bias")} for layer in layers]
    return trained, fixed


def apply(trained, fixed, x):
    """Logits of a batch."""
    for values, layer in zip(trained, fixed):
        if layer["kind"] == "conv":
            pad = (layer["padding"], layer["padding"])
            stride = (layer["stride"], layer["stride"])
            x = jax.lax.conv_general_dilated(x, values["weight"], stride, (pad, pad), dimension_numbers=("NCHW", "OIHW", "NCHW"))
            x = x + values["bias"][None, :, None, None]
        elif layer["kind"] == "dense":
            x = x @ values["weight"].T + values["bias"]
        elif layer["kind"] == "flatten":
            x = x.reshape(x.shape[0], -1)
        else:
            x = jnp.maximum(x, 0)
    return x


def export(path, trained, fixed, example_shape, classes, name):
    """Writes an ONNX file with a dynamic batch dimension; pre-processing stays outside."""
    nodes, weights, value = [], [], "input"
    for i, (values, layer) in enumerate(zip(trained, fixed)):
        output = "logits" if i == len(fixed) - 1 else f"{layer['kind']}_{i}"
        parameters = []
        for key in ("weight", "bias"):
            if key in values:
                parameters.append(f"{layer['kind']}_{i}.{key}")
                weights.append(numpy_helper.from_array(np.asarray(values[key], np.float32), parameters[-1]))
        if layer["kind"] == "conv":
            attributes = {"strides": [layer["stride"]] * 2, "pads": [layer["padding"]] * 4}
            nodes.append(helper.make_node("Conv", [value, *parameters], [output], **attributes))
        elif layer["kind"] == "dense":
            nodes.append(helper.make_node("Gemm", [value, *parameters], [output], transB=1))
        elif layer["kind"] == "flatten":
            nodes.append(helper.make_node("Flatten", [value], [output], axis=1))
        else:
            nodes.append(helper.make_node("Relu", [value], [output]))
        value = output
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *example_shape])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="robustness-inspector-samples")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def check_export(path, trained, fixed, x):
    """Raises unless ONNX Runtime computes from the file what JAX computes; returns the file's logits for `x`."""
    logits = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"input": x})[0]
    difference = float(np.max(np.abs(logits - np.asarray(apply(trained, fixed, x)))))
    if difference > 1e-3:
        raise SystemExit(f"{path}: ONNX Runtime and JAX differ by {difference}")
    return logits
