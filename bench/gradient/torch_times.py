"""Times PyTorch on the same ONNX weights, on request: one JSON object a line in, one out.

{"load": file, "shape": [...], "batch": n, "threads": k, "x": file of float32} -> {"loader": name} or {"error": why}
{"time": "forward" | "gradient" | "pgd", "repeat": k, "clock": "wall" | "processor"} -> {"seconds": of one}
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "parity"))
from onnx_in_torch import Runner  # noqa: E402


class Subject:
    def __init__(self, file, shape, batch, threads, x):
        torch.set_num_threads(threads)
        model = onnx.load(file)
        self.x = torch.from_numpy(np.fromfile(x, dtype=np.float32).reshape(batch, *shape))
        try:
            import onnx2torch
            module = onnx2torch.convert(model).eval()
            for p in module.parameters():
                p.requires_grad_(False)
            self.fn, self.loader = module, "onnx2torch"
            self.fn(self.x)
        except Exception:
            runner = Runner(model)
            name = next(i.name for i in model.graph.input if i.name not in runner.weights)
            output = model.graph.output[0].name
            self.fn, self.loader = lambda x: runner.run({name: x})[output], "by hand"
        with torch.no_grad():
            scores = self.fn(self.x)
        assert scores.shape[0] == batch, "the file fixes its batch"
        self.y = scores.reshape(batch, -1).argmax(1)

    def forward(self):
        with torch.no_grad():
            self.fn(self.x)

    def slope(self, x):
        x = x.detach().requires_grad_(True)
        scores = self.fn(x)
        loss = torch.nn.functional.cross_entropy(scores.reshape(len(x), -1), self.y, reduction="sum")
        return torch.autograd.grad(loss, x)[0]

    def gradient(self):
        self.slope(self.x)

    def start(self):
        self.at = self.x.clone()

    def pgd(self, epsilon=1e-6):
        g = self.slope(self.at)
        with torch.no_grad():
            moved = self.at + 0.25 * epsilon * g.sign()
            self.at = torch.max(torch.min(moved, self.x + epsilon), self.x - epsilon)


subject = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "load" in request:
            subject = Subject(request["load"], request["shape"], request["batch"], request["threads"], request["x"])
            answer = {"loader": subject.loader}
        else:
            step = getattr(subject, request["time"])
            if request["time"] == "pgd":
                subject.start()
            clock = time.process_time if request["clock"] == "processor" else time.perf_counter
            began = clock()
            for _ in range(request["repeat"]):
                step()
            answer = {"seconds": (clock() - began) / request["repeat"]}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"}
    print(json.dumps(answer), flush=True)
