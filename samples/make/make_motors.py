"""Makes up vibrations of motors, trains a small convolutional network on 3,000 of them, and writes 120 others as the sample's data.

    python make_motors.py

No real motor is in it: each signal follows the formulas below. What matters for the sample is the kind of data: two channels over
time, of which the classes differ in rhythm and spectrum.
"""

from pathlib import Path

import numpy as np
import onnxruntime
import torch

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "motors"
CLASSES = ("healthy", "imbalance", "bearing", "looseness")
RATE, FRAMES = 1000, 192


def vibration(rng, kind):
    """[2, FRAMES]: acceleration in g across and along the shaft, at 1,000 frames a second."""
    t = np.arange(FRAMES) / RATE
    speed, phase = rng.uniform(18, 28), rng.uniform(0, 2 * np.pi)
    turn = 2 * np.pi * speed * t + phase
    strength = {0: 0.0, 1: rng.uniform(0.5, 1.2), 2: rng.uniform(0.4, 1.1), 3: rng.uniform(0.3, 0.8)}[kind]
    across = 0.25 * np.sin(turn) + 0.08 * np.sin(2 * turn + 1)
    along = 0.15 * np.sin(turn + 0.8)
    if kind == 1:
        across = across + strength * np.sin(turn)
        along = along + 0.3 * strength * np.sin(turn + np.pi / 2)
    if kind == 2:
        # A flaw of the outer race is passed 3.6 times a turn; each time the housing rings.
        for hit in np.arange(rng.uniform(0, 1), FRAMES / RATE * speed * 3.6, 1) / (speed * 3.6):
            ring = np.where(t >= hit, np.exp(-(t - hit) * 150) * np.sin(2 * np.pi * 210 * (t - hit)), 0)
            across = across + strength * ring
            along = along + 0.6 * strength * ring
    if kind == 3:
        for harmonic in (0.5, 2, 3, 4):
            across = across + strength / harmonic * np.sin(harmonic * turn + rng.uniform(0, 2 * np.pi))
        along = along + strength * np.abs(np.sin(turn / 2))
    noise = rng.uniform(0.03, 0.12)
    return (np.stack([across, along]) + noise * rng.normal(size=(2, FRAMES))) * rng.uniform(0.7, 1.3)


def vibrations(rng, count):
    y = np.arange(count) % len(CLASSES)
    x = np.stack([vibration(rng, kind) for kind in y]).astype(np.float16)
    return x, y.astype(np.uint8)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    (train_x, train_y), (test_x, test_y) = vibrations(rng, 3000), vibrations(rng, 120)
    model = torch.nn.Sequential(
        torch.nn.Conv1d(2, 12, 9, stride=2),
        torch.nn.ReLU(),
        torch.nn.Conv1d(12, 20, 7, stride=2),
        torch.nn.ReLU(),
        torch.nn.Conv1d(20, 24, 5, stride=2),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool1d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(24, len(CLASSES)),
    )
    x, y = torch.from_numpy(train_x.astype(np.float32)), torch.from_numpy(train_y.astype(np.int64))
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    epochs, batch = 20, 100
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimiser.step()
        schedule.step()
    model.eval()
    for folder in ("models", "data"):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    path = FOLDER / "models" / "fault.onnx"
    torch.onnx.export(
        model,
        (x[:1],),
        path,
        dynamo=False,
        input_names=["vibration"],
        output_names=["scores"],
        dynamic_axes={"vibration": {0: "N"}, "scores": {0: "N"}},
        opset_version=17,
    )
    np.savez_compressed(FOLDER / "data" / "test.npz", x=test_x, y=test_y)
    given = test_x.astype(np.float32)
    scores = onnxruntime.InferenceSession(path).run(None, {"vibration": given})[0]
    with torch.no_grad():
        assert np.abs(scores - model(torch.from_numpy(given)).numpy()).max() < 1e-4
    print(f"fault: {(scores.argmax(1) == test_y).sum()} of {len(test_y)}, {sum(p.numel() for p in model.parameters())} parameters")


if __name__ == "__main__":
    main()
