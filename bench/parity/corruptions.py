"""Ours against the PyPI package `imagecorruptions`, on ten images of 224 pixels, or against the published formulas on ten of 32.

    python -m venv .venv && .venv/bin/pip install imagecorruptions scikit-image opencv-python-headless "setuptools<81"
    .venv/bin/python bench/parity/corruptions.py [--side 224] [--draws 4] [--names snow,fog]
    .venv/bin/python bench/parity/corruptions.py --fixture test/fixtures/corruption-parity.json     (for test/unit/corruption)

Deterministic corruptions: greatest difference, in levels of 1/255 (the package cuts its results to 8 bits, which alone is up to one level).
Random ones: mean and standard deviation over all images and draws, as ratios ours / theirs.
The package knows the constants for 224 pixels alone; for 32 its functions are called with those of CIFAR-10-C put in their place.

Measured at 224 pixels, ten images, severities 1 to 5. Without chance: levels of 255 (share of values that differ at all):

    defocus_blur       1 (3.46 %)   1 (0.12 %)   1 (0.10 %)   1 (0.10 %)   1 (0.10 %)
    zoom_blur          1 (0.13 %)   1 (0.14 %)   1 (0.11 %)   1 (0.10 %)   1 (0.10 %)
    brightness         1 (0.20 %)   1 (3.93 %)   1 (0.54 %)   1 (0.57 %)   1 (0.56 %)
    contrast           0            0            0            0            1 (0.16 %)
    pixelate           1 (65.7 %)   1 (79.6 %)   1 (56.9 %)   1 (53.2 %)   1 (68.8 %)   Pillow rounds means where 8 bits are cut off here
    jpeg_compression   0            0            0            0            0
    gaussian_blur      1 (0.13 %)   1 (0.10 %)   1 (0.10 %)   1 (0.10 %)   1 (0.10 %)
    saturate           1 (0.69 %)   1 (0.98 %)   1 (6.16 %)   1 (0.50 %)   1 (0.60 %)

With chance, mean and variance, ours over theirs, four draws of each image where not said otherwise:

    gaussian_noise     0.9998 1.0004   0.9999 1.0000   0.9994 1.0003   1.0004 1.0002   1.0004 1.0004
    shot_noise         1.0000 0.9999   0.9999 0.9998   1.0000 1.0008   0.9998 0.9991   1.0006 0.9995
    impulse_noise      0.9999 1.0002   1.0002 1.0004   1.0002 1.0000   1.0000 0.9994   0.9997 1.0003
    speckle_noise      1.0002 1.0007   1.0000 0.9995   1.0000 1.0003   1.0001 1.0000   0.9999 0.9991
    motion_blur        1.0006 0.9991   0.9996 1.0024   1.0009 0.9989   0.9936 1.0043   0.9964 0.9925
    snow               1.0014 1.0025   1.0004 0.9992   1.0007 1.0060   0.9959 1.0104   0.9998 0.9991
    spatter            1.0000 0.9981   1.0007 1.0008   1.0028 1.0035   0.9978 0.9965   1.0014 1.0003
    elastic_transform  1.0033 1.0130   0.9976 1.0035   1.0016 0.9995   1.0003 1.0023   0.9985 0.9986
    glass_blur         1.0001 0.9997   1.0002 0.9997   0.9996 0.9992   1.0000 0.9996   0.9999 1.0010
    fog                1.0040 0.9884   0.9808 1.0196   0.9828 1.0109   1.0085 0.9914   0.9874 1.0056   40 draws: one cloud an image
    frost              1.0103 0.9870   1.0141 0.9874   1.0052 0.9803   1.0077 0.9963   0.9956 1.0024   60 draws: one of five photographs, ours drawn
"""

import argparse
import ast
import importlib.util
import inspect
import json
import subprocess
import sys
import tempfile
import types
import warnings
from pathlib import Path

import numpy as np

warnings.simplefilter("ignore")
# The package is older than the libraries that it uses: names that they have dropped since.
np.float_ = np.float64


def load():
    """The package's corruptions, with calls brought up to date."""
    home = Path(importlib.util.find_spec("imagecorruptions").submodule_search_locations[0])
    source = (home / "corruptions.py").read_text()
    source = source.replace("from pkg_resources import resource_filename", f"resource_filename = lambda _, name: {str(home)!r} + '/' + name")
    source = source.replace("scipy.ndimage.interpolation", "scipy.ndimage").replace("multichannel=True", "channel_axis=-1")
    module = types.ModuleType("corruptions")
    exec(compile(source, "corruptions.py", "exec"), module.__dict__)
    return module, source


DETERMINISTIC = ["defocus_blur", "zoom_blur", "brightness", "contrast", "pixelate", "jpeg_compression", "gaussian_blur", "saturate"]
RANDOM = ["gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise", "glass_blur", "motion_blur", "snow", "frost", "fog", "elastic_transform", "spatter"]

# make_cifar_c.py
SMALL = {
    "gaussian_noise": [0.04, 0.06, 0.08, 0.09, 0.10],
    "shot_noise": [500, 250, 100, 75, 50],
    "impulse_noise": [0.01, 0.02, 0.03, 0.05, 0.07],
    "speckle_noise": [0.06, 0.1, 0.12, 0.16, 0.2],
    "gaussian_blur": [0.4, 0.6, 0.7, 0.8, 1],
    "glass_blur": [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    "defocus_blur": [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
    "motion_blur": [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
    "zoom_blur": [list(np.arange(1, end, 0.01)) for end in (1.06, 1.11, 1.16, 1.21, 1.26)],
    "fog": [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)],
    "frost": [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)],
    "snow": [(0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8)],
    "spatter": [(0.62, 0.1, 0.7, 0.7, 0.5, 0), (0.65, 0.1, 0.8, 0.7, 0.5, 0), (0.65, 0.3, 1, 0.69, 0.5, 0), (0.65, 0.1, 0.7, 0.69, 0.6, 1), (0.65, 0.1, 0.5, 0.68, 0.6, 1)],
    "contrast": [0.75, 0.5, 0.4, 0.3, 0.15],
    "brightness": [0.05, 0.1, 0.15, 0.2, 0.3],
    "saturate": [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)],
    "jpeg_compression": [80, 65, 58, 50, 40],
    "pixelate": [0.95, 0.9, 0.85, 0.75, 0.65],
}
ELASTIC = {
    32: [(0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)],
    224: [(2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02)],
}


def with_constants(source, name, constants):
    """The package's function with its list of constants replaced."""
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "c":
            if name == "zoom_blur":
                constants = [list(map(float, steps)) for steps in constants]
            node.value.value = ast.parse(repr(constants)).body[0].value
        # CIFAR-10-C shrinks the photographs of frost to a fifth.
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "scaling_factor":
            node.op, node.value = ast.Mult(), ast.Constant(0.2)
    module = ast.Module([function], [])
    ast.fix_missing_locations(module)
    return module


def elastic(image, severity, side):
    """The authors' own elastic transform; the package's is another."""
    import cv2
    from scipy.ndimage import map_coordinates
    from skimage.filters import gaussian

    unit = 32 if side == 32 else 244
    alpha, sigma, affine = (unit * c for c in ELASTIC[side][severity - 1])
    image = np.array(image, dtype=np.float32) / 255.0
    shape = image.shape
    size = shape[:2]
    centre = np.float32(size) // 2
    third = min(size) // 3
    one = np.float32([centre + third, [centre[0] + third, centre[1] - third], centre - third])
    two = one + np.random.uniform(-affine, affine, size=one.shape).astype(np.float32)
    image = cv2.warpAffine(image, cv2.getAffineTransform(one, two), size[::-1], borderMode=cv2.BORDER_REFLECT_101)
    dx = gaussian(np.random.uniform(-1, 1, size=size), sigma, mode="reflect", truncate=3) * alpha if sigma > 0 else np.zeros(size)
    dy = gaussian(np.random.uniform(-1, 1, size=size), sigma, mode="reflect", truncate=3) * alpha if sigma > 0 else np.zeros(size)
    x, y, z = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]), np.arange(shape[2]))
    at = (y + dy[..., None]).reshape(-1, 1), (x + dx[..., None]).reshape(-1, 1), z.reshape(-1, 1)
    return np.clip(map_coordinates(image, at, order=1, mode="reflect").reshape(shape), 0, 1) * 255


def pictures(side):
    from skimage import data

    rng = np.random.default_rng(0)
    sources = [data.astronaut(), data.chelsea(), data.coffee(), data.rocket(), data.retina()]
    found = []
    for i in range(10):
        source = sources[i % len(sources)]
        if side == 32:
            source = source[:: max(1, source.shape[0] // 100), :: max(1, source.shape[0] // 100)]
        y, x = rng.integers(0, source.shape[0] - side), rng.integers(0, source.shape[1] - side)
        found.append(np.ascontiguousarray(source[y : y + side, x : x + side, :3]))
    return found


def drawn(side=32):
    """A picture of our own: gradients, a disk and a grid in colours."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    picture = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.3 + 0.4 * x * y], axis=-1)
    picture[(x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06] = (0.9, 0.3, 0.2)
    picture[(np.arange(side) % 8 == 0), :, 1] *= 0.5
    return np.uint8(np.round(255 * picture))


def fixture(module, path):
    """What the package makes of one drawn picture: levels where nothing is random, else mean and spread over many draws."""
    import base64

    from PIL import Image

    image = drawn()
    planes = lambda a: np.ascontiguousarray(np.asarray(a).transpose(2, 0, 1))
    rows = []
    np.random.seed(0)
    for name in DETERMINISTIC + RANDOM:
        for severity in (1, 3, 5):
            function = getattr(module, name)
            row = {"name": name, "severity": severity}
            if name in DETERMINISTIC:
                row["levels"] = base64.b64encode(planes(np.uint8(function(Image.fromarray(image), severity))).tobytes()).decode()
            else:
                results = np.stack([np.uint8(function(Image.fromarray(image.copy()), severity)) for _ in range(400)]) / 255
                row["mean"], row["spread"] = float(results.mean()), float(np.mean(np.var(results, axis=(1, 2, 3))))
            rows.append(row)
    Path(path).write_text(json.dumps({"shape": [3, 32, 32], "image": base64.b64encode(planes(image).tobytes()).decode(), "rows": rows}))


def main():
    from PIL import Image

    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, choices=(32, 224), default=224)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--names")
    parser.add_argument("--fixture")
    options = parser.parse_args()
    side = options.side
    module, source = load()
    chosen = options.names.split(",") if options.names else DETERMINISTIC + RANDOM
    if options.fixture:
        side = 32
    if side == 32:
        for name in chosen:
            if name in SMALL:
                exec(compile(with_constants(source, name, SMALL[name]), name, "exec"), module.__dict__)
    module.elastic_transform = lambda image, severity: elastic(image, severity, side)
    if options.fixture:
        fixture(module, options.fixture)
        return
    images = pictures(side)
    with tempfile.TemporaryDirectory() as folder:
        planes = np.stack(images).transpose(0, 3, 1, 2).astype(np.float32) / 255
        planes.astype(np.float32).tofile(f"{folder}/images.bin")
        for name in chosen:
            draws = 1 if name in DETERMINISTIC else options.draws
            request = {"shape": [3, side, side], "images": f"{folder}/images.bin", "count": 10, "draws": draws, "names": [name], "severities": [1, 2, 3, 4, 5]}
            Path(f"{folder}/in.json").write_text(json.dumps(request))
            run = subprocess.run(["npx", "tsx", "bench/parity/corruptions.ts", f"{folder}/in.json", f"{folder}/out.bin"], capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stderr)
            ours = np.fromfile(f"{folder}/out.bin", np.float32).reshape(5, 10, draws, 3, side, side)
            np.random.seed(1)
            cells = []
            for severity in range(1, 6):
                theirs = np.stack([np.stack([np.uint8(getattr(module, name)(Image.fromarray(image.copy()), severity)) for _ in range(draws)]) for image in images])
                theirs = theirs.transpose(0, 1, 4, 2, 3) / 255
                own = ours[severity - 1]
                if name in DETERMINISTIC:
                    difference = np.abs(np.floor(own * 255 + 1e-3) / 255 - theirs) * 255
                    cells.append(f"{difference.max():5.0f} ({np.mean(difference > 0.5) * 100:.2f} %)")
                else:
                    own = np.floor(own * 255 + 1e-3) / 255
                    # Variance within images: that of what the corruption does, and of the picture.
                    spread = lambda v: np.mean(np.var(v, axis=(2, 3, 4)))
                    cells.append(f"{own.mean() / theirs.mean():.4f} {spread(own) / spread(theirs):.4f}")
            print(f"{name:18s}", "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
