"""Writes test/fixtures/calibration-parity.json: calibration and risk against coverage of streams of predictions, by definition.

    python bench/parity/calibration.py && npx biome format --write test/fixtures/calibration-parity.json

Independent of the code under test: bins by numpy.digitize, equal counts by numpy.array_split, the Brier score by scikit-learn where it has one.
`fine` figures treat confidences within one of 480 steps of log-odds as equal, as docs/metrics.md says.
"""

import json
from pathlib import Path

import numpy as np
from scipy.special import logit, softmax
from sklearn.metrics import brier_score_loss

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/calibration-parity.json"


def area(confidence, correct):
    """Mean over predictions of the risk among those that are at least as sure."""
    return float(np.mean([1 - correct[confidence >= c].mean() for c in confidence]))


def best(correct):
    return area(np.arange(len(correct))[::-1].astype(float), np.sort(correct)[::-1])


def case(name, labels, logits, classes):
    logits = np.asarray(logits, np.float32)
    p = softmax(logits.astype(np.float64), axis=1)
    predicted = logits.argmax(axis=1)
    correct = (predicted == labels).astype(float)
    confidence = p.max(axis=1).astype(np.float32).astype(np.float64)
    brier = np.sum((p - np.eye(classes)[labels]) ** 2, axis=1).astype(np.float32).astype(np.float64)
    if classes == 2:
        assert abs(2 * brier_score_loss(labels, p[:, 1]) - brier.mean()) < 1e-6
    bins = np.digitize(confidence, np.linspace(0, 1, 16)[1:-1], right=True)
    ece = sum(abs(correct[bins == b].sum() - confidence[bins == b].sum()) for b in range(15)) / len(labels)
    with np.errstate(divide="ignore"):
        step = np.clip(np.floor((logit(confidence) + 8) * 20), 0, 479)
    order = np.argsort(step, kind="stable")
    # Within a step every prediction has the step's mean gap.
    gap = np.array([(correct - confidence)[step == s].mean() for s in step])
    adaptive = sum(abs(gap[part].sum()) for part in np.array_split(order, 15)) / len(labels)
    exact = sum(abs((correct - confidence)[part].sum()) for part in np.array_split(np.argsort(confidence, kind="stable"), 15)) / len(labels)
    return {
        "name": name,
        "labels": labels.tolist(),
        "logits": [float(f"{v:.9g}") for v in logits.ravel()],
        "classes": classes,
        "accuracy": float(correct.mean()),
        "meanConfidence": float(confidence.mean()),
        "overconfidence": float(confidence.mean() - correct.mean()),
        "ece": float(ece),
        "adaptiveEce": float(adaptive),
        "aurc": area(step, correct),
        "excessAurc": area(step, correct) - best(correct),
        "brier": float(brier.mean()),
        "exactAdaptiveEce": float(exact),
        "exactAurc": area(confidence, correct),
    }


rng = np.random.default_rng(7)


def noisy(n, classes, signal, scale=1.0):
    labels = rng.integers(0, classes, n)
    return labels, scale * (rng.normal(0, 1, (n, classes)) + signal * np.eye(classes)[labels]), classes


OUT.write_text(
    json.dumps(
        [
            case("ten classes", *noisy(120, 10, 2.0)),
            case("two classes, too sure", *noisy(150, 2, 1.0, 6.0)),
            case("hundred classes, unsure", *noisy(30, 100, 1.0, 0.2)),
            case("all sure and right", np.arange(40) % 4, 60 * np.eye(4)[np.arange(40) % 4], 4),
            case("all sure and wrong", np.arange(40) % 4, 60 * np.eye(4)[(np.arange(40) + 1) % 4], 4),
            case("all scores equal", np.arange(30) % 3, np.zeros((30, 3)), 3),
            case("fewer than bins", *noisy(7, 3, 1.0)),
            case("one example", np.array([1]), np.array([[0.1, 0.7, -1.0]]), 3),
        ]
    )
)
