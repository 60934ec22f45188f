"""Makes up flats and their prices, trains a small network on 2,000 of them, and writes 200 others as the sample's data.

    python make_flats.py

No real flat is in it: the prices follow the formula below, with noise. What matters for the sample is the kind of table: features
of unlike scales, whole numbers, a one-hot group, and features that nobody can change.
"""

from pathlib import Path

import jax
import numpy as np
import optax

import network

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "flats"
HEATING = ("gas", "district", "heat_pump")
FEATURES = ("area", "rooms", "floor", "year_built", "distance_km", *(f"heating_{name}" for name in HEATING))


def flats(rng, count):
    area = np.round(np.clip(rng.lognormal(4.3, 0.4, count), 18, 240), 1)
    rooms = np.clip(np.round(area / 28 + rng.normal(0, 0.7, count)), 1, 8)
    floor = rng.integers(0, 13, count)
    year = rng.integers(1900, 2024, count)
    distance = np.round(np.clip(rng.gamma(2.0, 3.5, count), 0.2, 30), 2)
    heating = rng.choice(3, count, p=[0.5, 0.3, 0.2])
    x = np.column_stack([area, rooms, floor, year, distance, *(heating == k for k in range(3))]).astype(np.float32)
    square_metre = 6.5 * np.exp(-distance / 9) + 2.2 + 0.012 * np.maximum(0, year - 1975) + 0.9 * (year < 1920)
    price = area * square_metre + 14 * rooms + 3.5 * floor + np.array([0, 8, 30])[heating]
    return x, (price * rng.normal(1, 0.05, count)).astype(np.float32)


def main():
    rng = np.random.default_rng(0)
    (train_x, train_y), (test_x, test_y) = flats(rng, 2000), flats(rng, 200)
    # The network takes the table as it is: centring is folded into its first layer, the price's scale into its last one.
    mean, std = train_x.mean(axis=0), train_x.std(axis=0)
    centre, spread = train_y.mean(), train_y.std()
    layers = [network.dense(rng, 8, 32), {"kind": "relu"}, network.dense(rng, 32, 32), {"kind": "relu"}, network.dense(rng, 32, 1)]
    trained, fixed = network.split(layers)
    optimiser = optax.adam(optax.cosine_decay_schedule(3e-3, 3000))
    state = optimiser.init(trained)
    inputs, targets = (train_x - mean) / std, ((train_y - centre) / spread)[:, None]

    @jax.jit
    def update(trained, state):
        change, state = optimiser.update(
            jax.grad(lambda t: ((network.apply(t, fixed, inputs) - targets) ** 2).mean())(trained), state, trained
        )
        return optax.apply_updates(trained, change), state

    for _ in range(3000):
        trained, state = update(trained, state)

    first, last = trained[0], trained[-1]
    weight = np.asarray(first["weight"]) / std
    trained[0] = {"weight": weight, "bias": np.asarray(first["bias"]) - weight @ mean}
    trained[-1] = {"weight": np.asarray(last["weight"]) * spread, "bias": np.asarray(last["bias"]) * spread + centre}
    network.export(FOLDER / "models" / "price.onnx", trained, fixed, (8,), 1, "price")
    price = network.check_export(FOLDER / "models" / "price.onnx", trained, fixed, test_x)[:, 0]

    lines = [",".join([*FEATURES, "price"])]
    for features, target in zip(test_x, test_y):
        cells = [f"{features[0]:.1f}", *(f"{v:.0f}" for v in features[1:4]), f"{features[4]:.2f}", *(f"{v:.0f}" for v in features[5:])]
        lines.append(",".join([*cells, f"{target:.1f}"]))
    (FOLDER / "data").mkdir(parents=True, exist_ok=True)
    (FOLDER / "data" / "test.csv").write_text("\n".join(lines) + "\n")
    errors = np.abs(price - test_y)
    print(f"price: mean absolute error {errors.mean():.1f} of prices around {test_y.mean():.0f}, in thousands")


if __name__ == "__main__":
    main()
