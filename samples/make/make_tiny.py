"""Trains a three-class MLP on four features (iris, from scikit-learn) and writes the tests' smallest fixture.

    python make_tiny.py
"""

from pathlib import Path

import jax
import numpy as np
import optax
from sklearn.datasets import load_iris

import network

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "tiny"
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def main():
    iris = load_iris()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(iris.target))
    x, y = iris.data[order].astype(np.float32), iris.target[order].astype(np.int32)
    # Centimetres go in: centring is folded into the first layer below, so that the fixture needs no pre-processing.
    train_x, train_y, test_x, test_y = x[:100], y[:100], x[100:], y[100:]
    mean, std = train_x.mean(axis=0), train_x.std(axis=0)

    layers = [network.dense(rng, 4, 8), {"kind": "relu"}, network.dense(rng, 8, 3)]
    trained, fixed = network.split(layers)
    optimiser = optax.adam(1e-2)
    state = optimiser.init(trained)

    @jax.jit
    def update(trained, state):
        def loss(t):
            logits = network.apply(t, fixed, (train_x - mean) / std)
            return optax.softmax_cross_entropy_with_integer_labels(logits, train_y).mean()

        change, state = optimiser.update(jax.grad(loss)(trained), state, trained)
        return optax.apply_updates(trained, change), state

    for _ in range(300):
        trained, state = update(trained, state)

    first = trained[0]
    weight = np.asarray(first["weight"]) / std
    trained[0] = {"weight": weight, "bias": np.asarray(first["bias"]) - weight @ mean}
    network.export(FOLDER / "tiny.onnx", trained, fixed, (4,), 3, "tiny")
    logits = network.check_export(FOLDER / "tiny.onnx", trained, fixed, test_x)

    lines = [",".join([*FEATURES, "species"])]
    for features, label in zip(test_x, test_y):
        lines.append(",".join([*(f"{value:.1f}" for value in features), iris.target_names[label]]))
    (FOLDER / "iris.csv").write_text("\n".join(lines) + "\n")
    correct = int((logits.argmax(axis=1) == test_y).sum())
    print(f"tiny: {correct} of {len(test_y)} held-out flowers correct, {(FOLDER / 'tiny.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main()
