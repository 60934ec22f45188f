"""Our sequences of perturbations against numpy, scipy, Pillow, torchvision and OpenCV, with the constants of ImageNet-P and CIFAR-10-P.

    python -m venv .venv && .venv/bin/pip install imagecorruptions scikit-image opencv-python-headless torch torchvision "setuptools<81"
    .venv/bin/python bench/parity/perturbations.py [--side 224] [--names tilt,snow]
    .venv/bin/python bench/parity/perturbations.py --fixture test/fixtures/perturbation-parity.json     (for test/unit/stability)

The benchmark's own files are of 8 bits (and, for ImageNet-P, compressed as video, from images of 256 pixels); ours are not rounded.
Deterministic sequences: greatest difference over all frames, in levels of 1/255, and the share of values that differ by more than one level.
OpenCV is asked on float pictures, since it rounds where it interpolates 8 bits; scipy stands beside it, which rounds no coordinates.
Random ones: mean and variance over all frames but the first, as ratios ours / theirs.
"""

import argparse
import base64
import importlib.util
import json
import subprocess
import sys
import tempfile
import types
import warnings
from pathlib import Path

import cv2
import numpy as np
import torchvision.transforms.functional as F
from PIL import Image
from scipy.ndimage import map_coordinates
from scipy.ndimage import zoom as scipy_zoom
from skimage.color import hsv2rgb, rgb2hsv
from torchvision.transforms import InterpolationMode

warnings.simplefilter("ignore")
np.float_ = np.float64


def package():
    home = Path(importlib.util.find_spec("imagecorruptions").submodule_search_locations[0])
    source = (home / "corruptions.py").read_text()
    source = source.replace("from pkg_resources import resource_filename", "resource_filename = None")
    source = source.replace("scipy.ndimage.interpolation", "scipy.ndimage").replace("multichannel=True", "channel_axis=-1")
    module = types.ModuleType("corruptions")
    exec(compile(source, "corruptions.py", "exec"), module.__dict__)
    return module


SMEAR = package()._motion_blur
DETERMINISTIC = ["motion_blur", "zoom_blur", "brightness", "translate", "rotate", "tilt", "scale"]
RANDOM = ["gaussian_noise", "shot_noise", "snow"]
# make_cifar_p.py and make_imagenet_p.py
SIZES = {
    32: {"sigma": 0.02, "photons": 700, "motion": (21, 9, 6, 1.8), "flakes": (2, 10, 2), "bright": 0.015, "translate": (16, 7), "tilt": 0.75, "scale": (70, 2)},
    224: {"sigma": 0.03, "photons": 300, "motion": (31, 4, 10, 3), "flakes": (3, 14, 4), "bright": 0.02, "translate": (41, 20), "tilt": 1, "scale": (40, 2.5)},
}


def affine(image, angle=0.0, shift=0, factor=1.0, nearest=False):
    """Of a float picture, channel by channel: Pillow transforms 32-bit floats too."""
    mode = InterpolationMode.NEAREST if nearest else InterpolationMode.BILINEAR
    planes = [F.affine(Image.fromarray(np.float32(image[..., c]), mode="F"), angle, [shift, 0], factor, [0.0, 0.0], interpolation=mode) for c in range(image.shape[2])]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def tilt_matrix(width, height, degrees):
    a = np.deg2rad(degrees)
    f = np.hypot(width, height)
    lift = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1], [0, 0, 1]])
    about_x = np.array([[1, 0, 0, 0], [0, np.cos(a), -np.sin(a), 0], [0, np.sin(a), np.cos(a), 0], [0, 0, 0, 1]])
    about_y = np.array([[np.cos(a), 0, -np.sin(a), 0], [0, 1, 0, 0], [np.sin(a), 0, np.cos(a), 0], [0, 0, 0, 1]])
    back = np.eye(4)
    back[2, 3] = f
    project = np.array([[f, 0, width / 2, 0], [0, f, height / 2, 0], [0, 0, 1, 0]])
    return project @ back @ about_x @ about_y @ lift


def by_scipy(image, matrix):
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    source = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    at = np.stack([source[1] / source[2], source[0] / source[2]])
    return np.stack([map_coordinates(image[..., c], at, order=1, mode="grid-constant").reshape(height, width) for c in range(image.shape[2])], axis=-1)


def frames_of(name, image, side, tilted=by_scipy):
    """All frames of one picture [H, W, C] in [0, 1], float."""
    s = SIZES[side]
    if name == "motion_blur":
        count, step, radius, sigma = s["motion"]
        return [SMEAR(image, radius, sigma, (i - count + 1) * step) for i in range(count)]
    if name == "zoom_blur":
        total, frames = image.copy(), [image]
        for i in range(1, 31):
            total = total + affine(image, factor=1 + 0.004 * i)
            frames.append(total / (i + 1))
        return frames
    if name == "brightness":
        frames = []
        for i in range(31):
            hsv = rgb2hsv(image)
            hsv[..., 2] = np.clip(hsv[..., 2] + (i - 15) * s["bright"], 0, 1)
            frames.append(hsv2rgb(hsv))
        return frames
    if name == "translate":
        count, start = s["translate"]
        return [affine(image, shift=i - start, nearest=True) for i in range(count)]
    if name == "rotate":
        return [affine(image, angle=i - 15) for i in range(31)]
    if name == "scale":
        start, step = s["scale"]
        return [affine(image, factor=(i * step + start) / 100) for i in range(31)]
    if name == "tilt":
        return [tilted(image, tilt_matrix(side, side, s["tilt"] * (i - 15))) for i in range(31)]
    if name == "gaussian_noise":
        return [image] + [np.clip(image + s["sigma"] * np.random.normal(size=image.shape), 0, 1) for _ in range(30)]
    if name == "shot_noise":
        return [image] + [np.clip(np.random.poisson(image * s["photons"]) / s["photons"], 0, 1) for _ in range(30)]
    if name == "snow":
        size, radius, sigma = s["flakes"]
        cut = int(np.ceil(side / size))
        top = (side - cut) // 2
        layer = np.random.normal(size=(side, side), loc=0.05, scale=0.3)
        layer = scipy_zoom(layer[top : top + cut, top : top + cut], size, order=1)
        trim = (layer.shape[0] - side) // 2
        layer = layer[trim : trim + side, trim : trim + side]
        layer[layer < 0.5] = 0
        layer = np.uint8(np.clip(layer, 0, 1) * 255) / 255
        grey = image @ [0.299, 0.587, 0.114]
        white = 0.85 * image + 0.15 * np.maximum(image, grey[..., None] * 1.5 + 0.5)
        frames = []
        for i in range(31):
            flakes = SMEAR(layer, radius, sigma, i * 4 - 150)[..., None]
            frames.append(np.clip(white + flakes + np.rot90(flakes, k=2), 0, 1))
        return frames
    raise ValueError(name)


def by_opencv(image, matrix):
    return cv2.warpPerspective(np.float32(image), matrix, image.shape[1::-1])


def pictures(side):
    from skimage import data

    rng = np.random.default_rng(0)
    found = []
    for i, source in enumerate([data.astronaut(), data.chelsea(), data.coffee(), data.rocket(), data.retina()] * 2):
        if side == 32:
            step = max(1, source.shape[0] // 100)
            source = source[::step, ::step]
        y, x = rng.integers(0, source.shape[0] - side), rng.integers(0, source.shape[1] - side)
        found.append(np.ascontiguousarray(source[y : y + side, x : x + side, :3]) / 255)
    return found


def drawn(side=32):
    """A picture of our own: gradients, a disk and a grid in colours."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    picture = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.3 + 0.4 * x * y], axis=-1)
    picture[(x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06] = (0.9, 0.3, 0.2)
    picture[(np.arange(side) % 8 == 0), :, 1] *= 0.5
    return np.uint8(np.round(255 * picture))


def ours(images, name, draws, side):
    with tempfile.TemporaryDirectory() as folder:
        np.stack(images).transpose(0, 3, 1, 2).astype(np.float32).tofile(f"{folder}/images.bin")
        request = {"shape": [3, side, side], "images": f"{folder}/images.bin", "count": len(images), "draws": draws, "names": [name], "frames": None}
        Path(f"{folder}/in.json").write_text(json.dumps(request))
        run = subprocess.run(["npx", "tsx", "bench/parity/perturbations.ts", f"{folder}/in.json", f"{folder}/out.bin"], capture_output=True, text=True)
        if run.returncode:
            sys.exit(run.stderr)
        return np.fromfile(f"{folder}/out.bin", np.float32).reshape(len(images), draws, -1, 3, side, side).transpose(0, 1, 2, 4, 5, 3)


def fixture(path):
    """What the libraries make of one drawn picture: levels at three frames where nothing is random, else mean and variance over many draws."""
    image = drawn()
    unit = image / 255
    planes = lambda a: np.ascontiguousarray(np.uint8(np.round(255 * np.clip(a, 0, 1))).transpose(2, 0, 1))
    rows = []
    np.random.seed(0)
    for name in DETERMINISTIC:
        frames = frames_of(name, unit, 32)
        chosen = [1, len(frames) - 2]
        rows.append({"name": name, "frames": len(frames), "at": chosen, "levels": [base64.b64encode(planes(frames[k]).tobytes()).decode() for k in chosen]})
    for name in RANDOM:
        sequences = np.stack([np.stack(frames_of(name, unit, 32)) for _ in range(60)])
        moved = sequences[:, 1:]
        change = np.abs(sequences[:, 2:] - sequences[:, 1:-1])
        rows.append({"name": name, "frames": sequences.shape[1], "mean": float(moved.mean()), "spread": float(np.mean(np.var(moved, axis=(2, 3, 4)))), "change": float(change.mean())})
    Path(path).write_text(json.dumps({"shape": [3, 32, 32], "image": base64.b64encode(image.transpose(2, 0, 1).tobytes()).decode(), "rows": rows}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, choices=(32, 224), default=32)
    parser.add_argument("--names")
    parser.add_argument("--fixture")
    options = parser.parse_args()
    if options.fixture:
        fixture(options.fixture)
        return
    side = options.side
    images = pictures(side)[: 10 if side == 32 else 2]
    np.random.seed(1)
    for name in options.names.split(",") if options.names else DETERMINISTIC + RANDOM:
        draws = 1 if name in DETERMINISTIC or side == 224 else 8
        own = ours(images, name, draws, side)
        if name in DETERMINISTIC:
            cells = []
            for title, tilted in [("", by_scipy)] if name != "tilt" else [("scipy ", by_scipy), ("OpenCV ", by_opencv)]:
                theirs = np.stack([np.stack(frames_of(name, image, side, tilted)) for image in images])
                difference = 255 * np.abs(own[:, 0] - np.clip(theirs, 0, 1))
                cells.append(f"{title}{difference.max():8.4f} levels at most, {100 * np.mean(difference > 1):.3f} % above one")
            print(f"{name:15s} {own.shape[2]:3d} frames  ", "; ".join(cells), flush=True)
        else:
            theirs = np.stack([np.stack([np.stack(frames_of(name, image, side)) for _ in range(draws)]) for image in images])
            spread = lambda v: np.mean(np.var(v, axis=(-3, -2, -1)))
            change = lambda v: np.mean(np.abs(v[:, :, 2:] - v[:, :, 1:-1]))
            a, b = own[:, :, 1:], theirs[:, :, 1:]
            print(f"{name:15s} {own.shape[2]:3d} frames   mean {a.mean() / b.mean():.4f}, variance {spread(a) / spread(b):.4f}, step {change(own) / change(theirs):.4f}", flush=True)


main()
