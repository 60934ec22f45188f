"""Holds exported gradients against torch.autograd on the same weights.

    pip install torch onnx onnx2torch numpy
    npx tsx bench/parity/export.ts MODELS OUT
    python bench/parity/compare.py MODELS OUT

Per model: the largest difference of a gradient's entry relative to the largest entry of that gradient, and the smallest
cosine, over all points; in float32, as PyTorch computes it, and in float64, which is the truth up to the model's weights.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch

from onnx_in_torch import Runner, Unsupported

LIMIT, COSINE = 1e-4, 0.99999


def by_hand(model, dtype, whole):
    runner = Runner(model, dtype)
    names = [i.name for i in model.graph.input if i.name not in runner.weights]

    def scores(x, tensor):
        values = runner.run({names[0]: x})
        if whole:
            return values[model.graph.output[0].name]
        if tensor in values:
            return values[tensor]
        # An older Softmax is flattened first by us: its own input holds the same numbers.
        return values[next(n for n in reversed(model.graph.node) if "oftmax" in n.op_type).input[0]]

    return scores


def by_onnx2torch(model, dtype, whole):
    import onnx2torch
    module = onnx2torch.convert(model).eval().to(dtype)
    return lambda x, tensor: module(x)


def gradient(fn, x, weights, tensor, group, whole):
    parts = []
    for at in range(0, len(x), group):
        xi = x[at:at + group].clone().requires_grad_(True)
        y = fn(xi[0] if whole else xi, tensor)
        w = weights[at * weights.numel() // len(x) : at * weights.numel() // len(x) + y.numel()].reshape(y.shape)
        parts.append(torch.autograd.grad((y * w).sum(), xi)[0])
    return torch.cat(parts)


def agreement(ours, theirs):
    a, b = ours.reshape(len(ours), -1).double(), theirs.reshape(len(theirs), -1).double()
    top = b.abs().amax(1).clamp_min(1e-300)
    zero = (a.norm(dim=1) == 0) & (b.norm(dim=1) == 0)
    relative = torch.where(zero, torch.zeros_like(top), (a - b).abs().amax(1) / top)
    cosine = torch.where(zero, torch.ones_like(top), torch.nn.functional.cosine_similarity(a, b, dim=1, eps=1e-300))
    return relative.max().item(), cosine.min().item()


def main(models, out):
    torch.manual_seed(0)
    bad = compared = 0
    skipped = []
    print(f"{'model':58} {'loader':11} {'rel. float32':>12} {'cosine':>10} {'rel. float64':>12}")
    for entry in json.loads((out / "index.json").read_text()):
        name = entry["name"]
        if "error" in entry:
            skipped.append((name, entry["error"]))
            continue
        read = lambda part: torch.from_numpy(np.fromfile(out / f"{name}.{part}.f32", np.float32))
        shape = entry["shape"]
        x = read("x").reshape(-1, *shape)
        ours, weights = read("gradients").reshape(x.shape), read("weights")
        model = onnx.load(entry["file"])
        declared = next(i for i in model.graph.input if i.name not in {t.name for t in model.graph.initializer})
        first = declared.type.tensor_type.shape.dim
        # A file that fixes its batch is run as it fixes it.
        whole = entry["whole"]
        group = 1 if whole else first[0].dim_value if len(first) and first[0].dim_value > 0 else len(x)
        row, reasons = None, []
        for loader, make in (("onnx2torch", by_onnx2torch), ("by hand", by_hand)):
            if loader == "onnx2torch" and entry["bypassed"]:
                continue  # It gives the file's outputs alone, and the losses look before the softmax.
            try:
                single = gradient(make(model, torch.float32, whole), x, weights, entry["tensor"], group, whole)
                relative, cosine = agreement(ours, single)
                double = gradient(make(model, torch.float64, whole), x.double(), weights.double(), entry["tensor"], group, whole)
                row = (loader, relative, cosine, agreement(ours, double)[0])
                break
            except Unsupported as error:
                reasons.append(f"{loader}: {error}")
            except Exception as error:  # A loader that fails in any way leaves the model to the next one.
                reasons.append(f"{loader}: {type(error).__name__} {str(error)[:90]!r}")
        if row is None:
            skipped.append((name, "; ".join(reasons)))
            continue
        compared += 1
        loader, relative, cosine, double = row
        # Where PyTorch's own float32 is further off, float64 decides.
        fails = min(relative, double) > LIMIT or cosine < COSINE
        bad += fails
        print(f"{name:58} {loader:11} {relative:12.2e} {cosine:10.7f} {double:12.2e}{'  <-- ABOVE' if fails else ''}")
    print(f"\n{compared} models compared, {bad} outside {LIMIT:g} / {COSINE}")
    for name, why in skipped:
        print(f"  not compared: {name}: {why}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
