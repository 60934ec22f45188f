"""Writes test/fixtures/metric-parity.json: the figures of scikit-learn, scipy, and the papers' own definitions where neither has one.

    python -m venv .venv && .venv/bin/pip install scikit-learn scipy && .venv/bin/python bench/parity/metrics.py
    npx biome format --write test/fixtures/metric-parity.json
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.special import logit, logsumexp, softmax
from scipy.stats import binomtest, entropy, ks_2samp, kstwobign
from sklearn import metrics
from sklearn.metrics.pairwise import rbf_kernel

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/metric-parity.json"
warnings.simplefilter("ignore")


def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


def averages(function, labels, predicted, **options):
    return {a: number(function(labels, predicted, average=a, zero_division=0, **options)) for a in ("macro", "micro", "weighted")}


def classification(name, labels, logits):
    labels, logits = np.asarray(labels), np.asarray(logits, np.float32)
    n, k = logits.shape
    p = softmax(logits.astype(np.float64), axis=1)
    predicted = logits.argmax(axis=1)
    correct = (predicted == labels).astype(int)
    confidence = p.max(axis=1)
    binary = [(labels == c).astype(int) for c in range(k)]
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, 15)
    edges = np.digitize(confidence, np.linspace(0, 1, 16)[1:-1], right=True)
    gaps = [abs(np.mean(correct[edges == b]) - np.mean(confidence[edges == b])) for b in range(15) if np.any(edges == b)]
    return {
        "name": name,
        "labels": labels.tolist(),
        "logits": [float(f"{v:.9g}") for v in logits.ravel()],
        "classes": k,
        "confusion": metrics.confusion_matrix(labels, predicted, labels=range(k)).ravel().tolist(),
        "accuracy": number(metrics.accuracy_score(labels, predicted)),
        "balancedAccuracy": number(metrics.recall_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0)),
        "precision": averages(metrics.precision_score, labels, predicted),
        "recall": averages(metrics.recall_score, labels, predicted),
        "f1": averages(metrics.f1_score, labels, predicted),
        "matthews": number(metrics.matthews_corrcoef(labels, predicted)),
        "logLoss": number(metrics.log_loss(labels, p, labels=range(k))),
        "brier": number(np.mean(np.sum((p - np.eye(k)[labels]) ** 2, axis=1))),
        # scikit-learn puts the last of equal scores first, we the first (as argmax does): classes in reverse order.
        "topTwo": number(metrics.top_k_accuracy_score(k - 1 - labels, logits.astype(np.float64)[:, ::-1], k=2, labels=range(k))) if k > 2 else None,
        "averagePrecision": [number(metrics.average_precision_score(b, p[:, c])) if b.any() else None for c, b in enumerate(binary)],
        "adaptive": number(sum(abs(np.sum(correct[i]) - np.sum(confidence[i])) for i in parts) / n),
        "maximum": number(max(gaps)),
        "overconfidence": number(np.mean(confidence) - np.mean(correct)),
        "aurc": number(aurc(confidence, correct)),
        "groups": groups(labels % 3, correct),
    }


def aurc(confidence, correct):
    """Mean over examples of the risk among all that are at least as sure: ties are accepted together."""
    return np.mean([np.mean(1 - correct[confidence >= c]) for c in confidence])


def groups(names, correct):
    return {str(g): float(np.mean(correct[names == g])) for g in np.unique(names)}


def detection(name, inside, outside):
    inside, outside = np.asarray(inside, np.float32), np.asarray(outside, np.float32)
    scores = {
        "confidence": lambda z: -softmax(z.astype(np.float64), axis=1).max(axis=1),
        "energy": lambda z: -logsumexp(z.astype(np.float64), axis=1),
        "margin": lambda z: -(np.sort(z.astype(np.float64), axis=1)[:, -1] - np.sort(z.astype(np.float64), axis=1)[:, -2]),
        "entropy": lambda z: entropy(softmax(z.astype(np.float64), axis=1), axis=1),
    }
    result = {}
    for key, score in scores.items():
        # Sums in another order differ in the last bit, which would tell apart what is equal.
        ordinary, outliers = np.round(score(inside), 12), np.round(score(outside), 12)
        labels = np.r_[np.zeros(len(ordinary)), np.ones(len(outliers))]
        values = np.r_[ordinary, outliers]
        fpr, tpr, _ = metrics.roc_curve(labels, values, drop_intermediate=False)
        result[key] = {
            "auroc": number(metrics.roc_auc_score(labels, values)),
            "aupr": number(metrics.average_precision_score(labels, values)),
            "fpr95": number(fpr[np.argmax(tpr >= 0.95 - 1e-12)]),
        }
    return {
        "name": name,
        "classes": inside.shape[1],
        "inside": [float(f"{v:.9g}") for v in inside.ravel()],
        "outside": [float(f"{v:.9g}") for v in outside.ravel()],
        "figures": result,
    }


def drift(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    d = ks_2samp(a, b, method="asymp").statistic
    ordered = np.sort(a)
    edges = np.unique([ordered[min(len(a) - 1, k * len(a) // 10)] for k in range(1, 10)])
    p = np.maximum(1e-4, np.bincount(np.searchsorted(edges, a, side="right"), minlength=len(edges) + 1) / len(a))
    q = np.maximum(1e-4, np.bincount(np.searchsorted(edges, b, side="right"), minlength=len(edges) + 1) / len(b))
    return {
        "name": name,
        "a": a.tolist(),
        "b": b.tolist(),
        "ks": number(d),
        # The limit of Smirnov's distribution; scipy's own "asymp" has a correction for small samples.
        "pValue": number(kstwobign.sf(d * np.sqrt(len(a) * len(b) / (len(a) + len(b))))),
        "psi": number(np.sum((q - p) * np.log(q / p))),
    }


def discrepancy(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    pooled = np.r_[a, b]
    pairs = [np.linalg.norm(pooled[i] - pooled[j]) for i in range(len(pooled)) for j in range(i)]
    # The median of squares and the square of the median differ where two middle ones are averaged: as documented, squares.
    sigma = np.sqrt(np.median(np.square(pairs)))
    gamma = 1 / (2 * sigma**2) if sigma > 0 else 0
    n, m = len(a), len(b)
    kaa, kbb, kab = rbf_kernel(a, gamma=gamma), rbf_kernel(b, gamma=gamma), rbf_kernel(a, b, gamma=gamma)
    value = (kaa.sum() - n) / (n * (n - 1)) + (kbb.sum() - m) / (m * (m - 1)) - 2 * kab.mean()
    return {"name": name, "size": a.shape[1], "a": a.ravel().tolist(), "b": b.ravel().tolist(), "mmd": number(value)}


def paired(name, first, second):
    first, second = np.asarray(first), np.asarray(second)
    b, c = int(np.sum((first == 1) & (second == 0))), int(np.sum((first == 0) & (second == 1)))
    return {
        "name": name,
        "first": first.tolist(),
        "second": second.tolist(),
        "onlyFirst": b,
        "onlySecond": c,
        "pValue": 1.0 if b + c == 0 else number(binomtest(b, b + c, 0.5).pvalue),
    }


def trend(standard, shifted, point):
    slope, intercept = np.polyfit(logit(standard), logit(shifted), 1)
    expected = 1 / (1 + np.exp(-(intercept + slope * logit(point[0]))))
    return {
        "points": [{"standard": a, "shifted": b} for a, b in zip(standard, shifted)],
        "slope": number(slope),
        "intercept": number(intercept),
        "point": {"standard": point[0], "shifted": point[1]},
        "effective": number(point[1] - expected),
    }


def regression(name, targets, predictions):
    targets, predictions = np.asarray(targets, np.float32), np.asarray(predictions, np.float32)
    t, p = targets.astype(float), predictions.astype(float)
    return {
        "name": name,
        "outputs": t.shape[1],
        "targets": [float(f"{v:.9g}") for v in targets.ravel()],
        "predictions": [float(f"{v:.9g}") for v in predictions.ravel()],
        "mae": number(metrics.mean_absolute_error(t, p)),
        "rmse": number(np.sqrt(metrics.mean_squared_error(t, p))),
        "r2": number(np.mean([metrics.r2_score(t[:, j], p[:, j]) for j in range(t.shape[1]) if np.ptp(t[:, j]) > 0])) if np.any(np.ptp(t, axis=0) > 0) else None,
        "medianError": number(np.median(np.mean(np.abs(t - p), axis=1))),
    }


def main():
    rng = np.random.default_rng(0)

    def noisy(n, classes, signal):
        labels = rng.integers(0, classes, n)
        return labels, rng.normal(0, 1, (n, classes)) + signal * np.eye(classes)[labels]

    quantised = noisy(80, 4, 1.0)
    cases = [
        classification("three classes", *noisy(120, 3, 1.5)),
        classification("ten classes, poor", *noisy(150, 10, 0.7)),
        classification("two classes", *noisy(90, 2, 1.0)),
        classification("many ties", quantised[0], np.round(quantised[1] * 2) / 2),
        classification("one class alone", np.zeros(20, int), rng.normal(0, 1, (20, 3))),
        classification("a class without examples", rng.integers(0, 3, 50), rng.normal(0, 1, (50, 5))),
        classification("all right", np.arange(30) % 3, 4 * np.eye(3)[np.arange(30) % 3]),
        classification("all wrong", np.arange(30) % 3, 4 * np.eye(3)[(np.arange(30) + 1) % 3]),
        classification("all scores equal", np.arange(20) % 4, np.zeros((20, 4))),
        classification("saturated", np.arange(12) % 3, 1000 * np.eye(3)[(np.arange(12) // 2) % 3]),
        classification("one example", np.array([1]), np.array([[0.1, 0.7, -1.0]])),
    ]
    document = {
        "classification": cases,
        "detection": [
            detection("apart", noisy(100, 5, 4.0)[1], rng.normal(0, 1, (80, 5))),
            detection("alike", rng.normal(0, 1, (60, 3)), rng.normal(0, 1, (75, 3))),
            detection("ties", np.round(rng.normal(0, 1, (40, 3))), np.round(rng.normal(0, 1, (41, 3)))),
            detection("two of each", rng.normal(0, 1, (2, 2)), rng.normal(0, 1, (2, 2))),
        ],
        "drift": [
            drift("shifted", rng.normal(0, 1, 200), rng.normal(0.5, 1, 150)),
            drift("same", rng.normal(0, 1, 100), rng.normal(0, 1, 120)),
            drift("whole numbers", rng.integers(0, 4, 100), rng.integers(1, 5, 90)),
            drift("one value", np.ones(20), np.ones(30)),
            drift("disjoint", rng.uniform(0, 1, 40), rng.uniform(2, 3, 40)),
        ],
        "discrepancy": [
            discrepancy("shifted", rng.normal(0, 1, (30, 4)), rng.normal(1, 1, (25, 4))),
            discrepancy("same", rng.normal(0, 1, (20, 3)), rng.normal(0, 1, (20, 3))),
        ],
        "paired": [
            paired("one better", rng.random(200) < 0.9, rng.random(200) < 0.7),
            paired("equal", rng.random(100) < 0.8, rng.random(100) < 0.8),
            paired("the same", np.ones(10), np.ones(10)),
            paired("opposite", np.arange(9) % 2, (np.arange(9) + 1) % 2),
            paired("many", rng.random(4000) < 0.5, rng.random(4000) < 0.5),
        ],
        "trend": trend([0.6, 0.7, 0.8, 0.9, 0.95], [0.35, 0.47, 0.55, 0.72, 0.8], (0.85, 0.75)),
        "regression": [
            regression("one output", rng.normal(0, 3, (60, 1)), rng.normal(0, 3, (60, 1))),
            regression("three outputs", rng.normal(0, 3, (41, 3)), rng.normal(0, 3, (41, 3))),
            regression("a constant target", np.c_[np.full(20, 2.5), rng.normal(0, 1, 20)], rng.normal(0, 1, (20, 2))),
            regression("one example", [[1.5]], [[2.0]]),
            regression("exact", np.arange(10.0)[:, None], np.arange(10.0)[:, None]),
        ],
    }
    for each in document["paired"]:
        each["first"] = [int(v) for v in each["first"]]
        each["second"] = [int(v) for v in each["second"]]
    OUT.write_text(json.dumps(document))


main()
