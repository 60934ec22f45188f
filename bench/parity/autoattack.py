"""Runs the authors' AutoAttack (PyPI: pyautoattack) on exported subjects: one JSON line for each.

    pip install torch onnx onnx2torch onnxruntime numpy pyautoattack
    npx tsx bench/parity/autoattack.ts OUT --python PYTHON

A subject is {"name", "file", "x": path, "y": path, "shape", "mean", "std", "layout", "to", "norm", "epsilon", "batch",
"threads", "version", "stages" (the first so many; all if absent), "seed"}; x is float32 [n, ...shape] in data space, y int32 [n].
"""
import json
import logging
import re
import sys
import time

import numpy as np
import onnx
import onnxruntime
import torch

from onnx_in_torch import Runner


class DataSpace(torch.nn.Module):
    """The network behind its pre-processing, from [n, C, H, W] in data space to logits."""

    def __init__(self, subject):
        super().__init__()
        self.mean = torch.tensor(subject["mean"]).reshape(-1, 1, 1)
        self.std = torch.tensor(subject["std"]).reshape(-1, 1, 1)
        self.layout, self.taken = subject["layout"], subject["to"]
        model = onnx.load(subject["file"])
        try:
            import onnx2torch
            network = onnx2torch.convert(model).eval()
            for p in network.parameters():
                p.requires_grad_(False)
            with torch.no_grad():
                assert network(torch.zeros(3, *self.taken)).reshape(3, -1).shape[1] > 1
            self.network = network
        except Exception:
            runner = Runner(model)
            name = next(i.name for i in model.graph.input if i.name not in runner.weights)
            output = model.graph.output[0].name
            self.network = lambda x: runner.run({name: x})[output]

    def forward(self, x):
        z = (x - self.mean) / self.std
        if self.layout == "nhwc":
            z = z.permute(0, 2, 3, 1)
        return self.network(z.reshape(len(x), *self.taken)).reshape(len(x), -1)


def check(subject, module, x):
    """The network in PyTorch is the file's own."""
    session = onnxruntime.InferenceSession(subject["file"], providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    z = (x[:20] - module.mean) / module.std
    if subject["layout"] == "nhwc":
        z = z.permute(0, 2, 3, 1)
    z = z.reshape(len(z), *subject["to"]).numpy()
    group = given.shape[0] if isinstance(given.shape[0], int) else len(z)
    theirs = np.concatenate([
        session.run(None, {given.name: z[at:at + group]})[0].reshape(group, -1) for at in range(0, len(z), group)
    ])
    with torch.no_grad():
        ours = module(x[:20]).numpy()
    assert np.abs(ours - theirs).max() <= 1e-3 * max(1, np.abs(theirs).max()), "the conversion changed the model"


def run(subject):
    from pyautoattack import AutoAttack

    torch.set_num_threads(subject["threads"])
    shape = subject["shape"]
    x = torch.from_numpy(np.fromfile(subject["x"], np.float32)).reshape(-1, *shape)
    y = torch.from_numpy(np.fromfile(subject["y"], np.int32)).long()
    module = DataSpace(subject).eval()
    check(subject, module, x)
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = logging.getLogger("auto-attack")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.DEBUG)
    norm = {"linf": "Linf", "l2": "L2", "l1": "L1"}[subject["norm"]]
    adversary = AutoAttack(module, norm=norm, eps=subject["epsilon"], version=subject["version"],
                           seed=subject["seed"], device="cpu")
    adversary.attacks_to_run = adversary.attacks_to_run[:subject.get("stages")]
    began = time.perf_counter()
    adversary.run_standard_evaluation(x, y, batch_size=subject["batch"])
    seconds = time.perf_counter() - began
    stages, last = [], 0.0
    for line in lines:
        clean = re.match(r"initial accuracy: ([\d.]+)%", line)
        after = re.match(r"robust accuracy after (\S+): ([\d.]+)% \(total time ([\d.]+) s\)", line)
        if clean:
            stages.append({"name": "clean", "accuracy": float(clean[1]) / 100, "seconds": 0})
        if after:
            stages.append({"name": after[1].lower(), "accuracy": float(after[2]) / 100, "seconds": float(after[3]) - last})
            last = float(after[3])
    return {"stages": stages, "seconds": seconds}


if __name__ == "__main__":
    for line in sys.stdin:
        subject = json.loads(line)
        print(json.dumps({"name": subject["name"], **run(subject)}), flush=True)
