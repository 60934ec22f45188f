"""Runs an ONNX graph with PyTorch's own functions, so that torch.autograd differentiates the same weights.

Written for comparison alone: operators are added as models need them, and anything else is an error by name.
"""
import math

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

DTYPES = {1: torch.float32, 2: torch.uint8, 3: torch.int8, 6: torch.int32, 7: torch.int64, 9: torch.bool,
          10: torch.float16, 11: torch.float64}


class Unsupported(Exception):
    pass


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def ints(t):
    return [int(v) for v in t.reshape(-1).tolist()]


class Runner:
    """Weights as tensors, nodes by name; `run` gives every tensor that was computed."""

    def __init__(self, model, dtype=torch.float32):
        self.graph = model.graph
        self.opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        self.dtype = dtype
        self.weights = {t.name: self.tensor(t) for t in model.graph.initializer}

    def tensor(self, proto):
        t = torch.from_numpy(np.array(numpy_helper.to_array(proto)))
        return t.to(self.dtype) if t.is_floating_point() else t

    def run(self, feeds):
        values = {**self.weights, **feeds}
        # Some files list their constants after the nodes that use them.
        nodes = sorted(self.graph.node, key=lambda node: node.op_type != "Constant")
        for node in nodes:
            fn = getattr(self, "op_" + node.op_type, None)
            if fn is None or node.domain not in ("", "ai.onnx"):
                raise Unsupported(f"{node.domain}:{node.op_type}")
            args = [values[name] if name else None for name in node.input]
            result = fn(attributes(node), *args)
            for name, value in zip(node.output, result if isinstance(result, (list, tuple)) else [result]):
                values[name] = value
        return values

    # Elementwise
    def op_Add(self, a, x, y): return x + y
    def op_Sub(self, a, x, y): return x - y
    def op_Mul(self, a, x, y): return x * y
    def op_Div(self, a, x, y): return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc")
    def op_Pow(self, a, x, y): return torch.pow(x, y)
    def op_Neg(self, a, x): return -x
    def op_Abs(self, a, x): return x.abs()
    def op_Exp(self, a, x): return x.exp()
    def op_Log(self, a, x): return x.log()
    def op_Sqrt(self, a, x): return x.sqrt()
    def op_Reciprocal(self, a, x): return x.reciprocal()
    def op_Sin(self, a, x): return x.sin()
    def op_Cos(self, a, x): return x.cos()
    def op_Erf(self, a, x): return x.erf()
    def op_Floor(self, a, x): return x.floor()
    def op_Max(self, a, *xs):
        r = xs[0]
        for x in xs[1:]:
            r = torch.maximum(r, x)
        return r
    def op_Min(self, a, *xs):
        r = xs[0]
        for x in xs[1:]:
            r = torch.minimum(r, x)
        return r
    def op_Sum(self, a, *xs): return sum(xs[1:], xs[0])
    def op_Where(self, a, c, x, y): return torch.where(c, x, y)
    def op_Equal(self, a, x, y): return x == y
    def op_Greater(self, a, x, y): return x > y
    def op_Less(self, a, x, y): return x < y
    def op_Not(self, a, x): return ~x
    def op_Sign(self, a, x): return x.sign()
    def op_Clip(self, a, x, low=None, high=None):
        low = a.get("min", low)
        high = a.get("max", high)
        return x if low is None and high is None else torch.clamp(x, low, high)

    # Activations
    def op_Relu(self, a, x): return F.relu(x)
    def op_LeakyRelu(self, a, x): return F.leaky_relu(x, a.get("alpha", 0.01))
    def op_PRelu(self, a, x, slope): return torch.where(x > 0, x, x * slope)
    def op_Elu(self, a, x): return F.elu(x, a.get("alpha", 1.0))
    def op_Selu(self, a, x): return F.selu(x)
    def op_Sigmoid(self, a, x): return torch.sigmoid(x)
    def op_Tanh(self, a, x): return torch.tanh(x)
    def op_Softplus(self, a, x): return F.softplus(x)
    def op_Softsign(self, a, x): return F.softsign(x)
    def op_HardSigmoid(self, a, x): return torch.clamp(a.get("alpha", 0.2) * x + a.get("beta", 0.5), 0, 1)
    def op_ThresholdedRelu(self, a, x): return torch.where(x > a.get("alpha", 1.0), x, torch.zeros_like(x))
    def op_Gelu(self, a, x): return F.gelu(x, approximate=a.get("approximate", b"none").decode())
    def softmax(self, a, x, fn):
        if self.opset >= 13:
            return fn(x, dim=a.get("axis", -1))
        axis = a.get("axis", 1)
        return fn(x.flatten(axis).reshape(math.prod(x.shape[:axis]), -1), dim=-1).reshape(x.shape)
    def op_Softmax(self, a, x): return self.softmax(a, x, torch.softmax)
    def op_LogSoftmax(self, a, x): return self.softmax(a, x, torch.log_softmax)

    # Products
    def op_MatMul(self, a, x, y): return torch.matmul(x, y)
    def op_Gemm(self, a, x, w, b=None):
        x = x.T if a.get("transA") else x
        w = w.T if a.get("transB") else w
        y = a.get("alpha", 1.0) * (x @ w)
        return y if b is None else y + a.get("beta", 1.0) * b

    # Windows
    def pads(self, a, x, kernel, strides, dilations):
        rank = len(kernel)
        auto = a.get("auto_pad", b"NOTSET").decode()
        if auto == "NOTSET":
            p = list(a.get("pads", [0] * 2 * rank))
            return p[:rank], p[rank:]
        if auto == "VALID":
            return [0] * rank, [0] * rank
        begin, end = [], []
        for i in range(rank):
            size = x.shape[2 + i]
            out = -(-size // strides[i])
            total = max(0, (out - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size)
            low = total // 2 if auto == "SAME_UPPER" else -(-total // 2)
            begin.append(low)
            end.append(total - low)
        return begin, end
    def padded(self, x, begin, end, value):
        flat = [v for b, e in reversed(list(zip(begin, end))) for v in (b, e)]
        return F.pad(x, flat, value=value) if any(flat) else x
    def op_Conv(self, a, x, w, b=None):
        kernel = list(w.shape[2:])
        rank = len(kernel)
        strides = a.get("strides", [1] * rank)
        dilations = a.get("dilations", [1] * rank)
        begin, end = self.pads(a, x, kernel, strides, dilations)
        fn = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[rank]
        if begin == end:
            return fn(x, w, b, strides, begin, dilations, a.get("group", 1))
        return fn(self.padded(x, begin, end, 0.0), w, b, strides, 0, dilations, a.get("group", 1))
    def op_ConvTranspose(self, a, x, w, b=None):
        rank = w.dim() - 2
        strides = a.get("strides", [1] * rank)
        p = list(a.get("pads", [0] * 2 * rank))
        fn = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[rank]
        if p[:rank] != p[rank:] or "output_shape" in a or a.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise Unsupported("ConvTranspose with uneven padding")
        return fn(x, w, b, strides, p[:rank], a.get("output_padding", 0), a.get("group", 1), a.get("dilations", 1))
    def op_MaxPool(self, a, x):
        kernel = a["kernel_shape"]
        rank = len(kernel)
        strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
        begin, end = self.pads(a, x, kernel, strides, dilations)
        fn = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[rank]
        x = self.padded(x, begin, end, -math.inf)
        return fn(x, kernel, strides, 0, dilations, ceil_mode=bool(a.get("ceil_mode", 0)))
    def op_AveragePool(self, a, x):
        kernel = a["kernel_shape"]
        rank = len(kernel)
        strides = a.get("strides", [1] * rank)
        begin, end = self.pads(a, x, kernel, strides, [1] * rank)
        fn = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[rank]
        include = bool(a.get("count_include_pad", 0))
        if begin == end:
            return fn(x, kernel, strides, begin, ceil_mode=bool(a.get("ceil_mode", 0)), count_include_pad=include)
        ones = self.padded(torch.ones_like(x), begin, end, 1.0 if include else 0.0)
        return fn(self.padded(x, begin, end, 0.0), kernel, strides) / fn(ones, kernel, strides)
    def op_GlobalAveragePool(self, a, x): return x.mean(dim=tuple(range(2, x.dim())), keepdim=True)
    def op_GlobalMaxPool(self, a, x): return x.amax(dim=tuple(range(2, x.dim())), keepdim=True)

    # Normalisation
    def op_BatchNormalization(self, a, x, s, b, m, v):
        return F.batch_norm(x, m, v, s, b, False, 0.0, a.get("epsilon", 1e-5))
    def op_InstanceNormalization(self, a, x, s, b): return F.instance_norm(x, None, None, s, b, eps=a.get("epsilon", 1e-5))
    def op_LayerNormalization(self, a, x, s, b=None):
        axis = a.get("axis", -1)
        return F.layer_norm(x, list(x.shape[axis:]), s, b, a.get("epsilon", 1e-5))
    def op_LRN(self, a, x): return F.local_response_norm(x, a["size"], a.get("alpha", 1e-4), a.get("beta", 0.75), a.get("bias", 1.0))

    # Reductions
    def reduce(self, a, x, axes, fn):
        axes = ints(axes) if axes is not None else a.get("axes")
        if not axes:
            if a.get("noop_with_empty_axes"):
                return x
            axes = list(range(x.dim()))
        return fn(x, tuple(axes), bool(a.get("keepdims", 1)))
    def op_ReduceMean(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: t.mean(d, keepdim=k))
    def op_ReduceSum(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: t.sum(d, keepdim=k))
    def op_ReduceMax(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: t.amax(d, keepdim=k))
    def op_ReduceMin(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: t.amin(d, keepdim=k))
    def op_ReduceL2(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: torch.linalg.vector_norm(t, 2, d, k))
    def op_ReduceSumSquare(self, a, x, axes=None): return self.reduce(a, x, axes, lambda t, d, k: (t * t).sum(d, keepdim=k))
    def op_ArgMax(self, a, x): return x.argmax(a.get("axis", 0), keepdim=bool(a.get("keepdims", 1)))

    # Shapes
    def op_Constant(self, a):
        if "value" in a:
            return self.tensor(a["value"])
        (name, value), = a.items()
        return torch.tensor(value, dtype=self.dtype if "float" in name else torch.int64)
    def op_ConstantOfShape(self, a, shape):
        value = self.tensor(a["value"]) if "value" in a else torch.zeros(1, dtype=self.dtype)
        return value.reshape(()).expand(ints(shape)).clone()
    def op_Identity(self, a, x): return x
    def op_Dropout(self, a, x, *rest): return x
    def op_Cast(self, a, x):
        to = DTYPES[a["to"]]
        return x.to(self.dtype if to.is_floating_point else to)
    def op_Shape(self, a, x): return torch.tensor(list(x.shape)[a.get("start", 0):a.get("end", None)], dtype=torch.int64)
    def op_Size(self, a, x): return torch.tensor(x.numel())
    def op_Reshape(self, a, x, shape): return x.reshape([x.shape[i] if s == 0 else s for i, s in enumerate(ints(shape))])
    def op_Flatten(self, a, x):
        axis = a.get("axis", 1)
        return x.reshape(math.prod(x.shape[:axis]), -1)
    def op_Squeeze(self, a, x, axes=None):
        axes = ints(axes) if axes is not None else a.get("axes")
        return x.squeeze() if axes is None else x.squeeze(tuple(axes))
    def op_Unsqueeze(self, a, x, axes=None):
        axes = ints(axes) if axes is not None else a["axes"]
        rank = x.dim() + len(axes)
        for axis in sorted(v % rank for v in axes):
            x = x.unsqueeze(axis)
        return x
    def op_Transpose(self, a, x): return x.permute(a.get("perm", list(reversed(range(x.dim())))))
    def op_Concat(self, a, *xs): return torch.cat(xs, a["axis"])
    def op_Split(self, a, x, sizes=None):
        sizes = ints(sizes) if sizes is not None else a.get("split")
        if sizes is None:
            raise Unsupported("Split without sizes")
        return torch.split(x, list(sizes), a.get("axis", 0))
    def op_Slice(self, a, x, starts=None, ends=None, axes=None, steps=None):
        starts = ints(starts) if starts is not None else a["starts"]
        ends = ints(ends) if ends is not None else a["ends"]
        axes = ints(axes) if axes is not None else a.get("axes", list(range(len(starts))))
        steps = ints(steps) if steps is not None else [1] * len(starts)
        for s, e, axis, step in zip(starts, ends, axes, steps):
            size = x.shape[axis]
            picked = list(range(size))[slice(s if s >= -size else None, e if e >= -size - 1 and not (step < 0 and e < -size) else None, step)]
            x = x.index_select(axis, torch.tensor(picked, dtype=torch.int64))
        return x
    def op_Gather(self, a, x, index):
        axis = a.get("axis", 0) % x.dim()
        flat = index.reshape(-1) % x.shape[axis]
        return x.index_select(axis, flat).reshape(list(x.shape[:axis]) + list(index.shape) + list(x.shape[axis + 1:]))
    def op_Expand(self, a, x, shape): return x * torch.ones(ints(shape), dtype=x.dtype)
    def op_Tile(self, a, x, repeats): return x.repeat(ints(repeats))
    def op_Pad(self, a, x, pads=None, value=None, axes=None):
        p = ints(pads) if pads is not None else a["pads"]
        rank = len(p) // 2
        flat = [v for i in reversed(range(rank)) for v in (p[i], p[rank + i])]
        mode = a.get("mode", b"constant").decode()
        if mode != "constant" or axes is not None:
            raise Unsupported(f"Pad {mode}")
        return F.pad(x, flat, value=float(value) if value is not None else a.get("value", 0.0))
    def op_DepthToSpace(self, a, x):
        n, c, h, w = x.shape
        s = a["blocksize"]
        if a.get("mode", b"DCR") == b"DCR":
            return x.reshape(n, s, s, c // s ** 2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // s ** 2, h * s, w * s)
        return x.reshape(n, c // s ** 2, s, s, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, c // s ** 2, h * s, w * s)
    def op_SpaceToDepth(self, a, x):
        n, c, h, w = x.shape
        s = a["blocksize"]
        return x.reshape(n, c, h // s, s, w // s, s).permute(0, 3, 5, 1, 2, 4).reshape(n, c * s * s, h // s, w // s)
    def op_Range(self, a, start, end, step): return torch.arange(start.item(), end.item(), step.item())
    def op_OneHot(self, a, index, depth, values):
        hot = F.one_hot(index % int(depth), int(depth))
        return torch.where(hot.bool(), values[1], values[0]).movedim(-1, a.get("axis", -1))
    def upsample(self, x, scales, mode):
        if mode not in (b"nearest",) or any(s != int(s) for s in scales):
            raise Unsupported(f"Resize {mode.decode()} {scales}")
        for axis, s in enumerate(scales):
            if s != 1:
                x = x.repeat_interleave(int(s), axis)
        return x
    def op_Upsample(self, a, x, scales=None):
        return self.upsample(x, scales.tolist() if scales is not None else a["scales"], a.get("mode", b"nearest"))
    def op_Resize(self, a, x, *rest):
        scales = rest[0] if len(rest) == 1 else (rest[1] if len(rest) > 1 else None)
        if scales is None or scales.numel() == 0:
            raise Unsupported("Resize by sizes")
        return self.upsample(x, scales.tolist(), a.get("mode", b"nearest"))
    def op_LSTM(self, a, x, w, r, b=None, lens=None, h0=None, c0=None):
        hidden = a["hidden_size"]
        if w.shape[0] != 1 or lens is not None or "activations" in a and a["activations"] != [b"Sigmoid", b"Tanh", b"Tanh"]:
            raise Unsupported("LSTM in another form")
        h = x.new_zeros(x.shape[1], hidden) if h0 is None else h0[0]
        c = x.new_zeros(x.shape[1], hidden) if c0 is None else c0[0]
        bias = 0 if b is None else b[0, : 4 * hidden] + b[0, 4 * hidden:]
        steps = []
        for t in range(x.shape[0]):
            i, o, f, g = (x[t] @ w[0].T + h @ r[0].T + bias).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps).unsqueeze(1), h.unsqueeze(0), c.unsqueeze(0)
