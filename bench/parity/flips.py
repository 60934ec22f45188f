"""Vectors for test/unit/metric/flip.test.ts: flip probabilities and top-5 distances by numpy and scipy, as ImageNet-P defines them.

    python -m venv .venv && .venv/bin/pip install numpy scipy
    .venv/bin/python bench/parity/flips.py > test/fixtures/flip-parity.json
"""

import json

import numpy as np
from scipy.stats import rankdata

rng = np.random.default_rng(7)


def distance(one, other):
    """Sum over the five best of one ranking of how far each stands in the other, where all places from the sixth on are one."""
    ranks = [rankdata(-scores, method="ordinal") for scores in (one, other)]
    places = np.array([ranks[1][ranks[0] == i][0] for i in range(1, 6)])
    return float(np.abs(np.arange(1, 6) - np.minimum(places, 6)).sum())


cases = []
for classes in (5, 6, 10, 100):
    for tied in (False, True):
        for noise in (False, True):
            frames = np.float32(rng.normal(size=(1, classes)) + 0.4 * rng.normal(size=(12, classes)))
            if tied:
                frames = np.float32(np.round(frames))
            predictions = frames.argmax(axis=1)
            before = [0 if noise else k - 1 for k in range(1, len(frames))]
            cases.append(
                {
                    "classes": classes,
                    "noise": noise,
                    "scores": [float(v) for v in frames.ravel()],
                    "flipProbability": float(np.mean([predictions[k] != predictions[b] for k, b in zip(range(1, len(frames)), before)])),
                    "top5Distance": float(np.mean([distance(frames[b], frames[k]) for k, b in zip(range(1, len(frames)), before)])),
                }
            )
print(json.dumps(cases))
