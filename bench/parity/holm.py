"""Writes test/fixtures/holm-parity.json: p-values adjusted by statsmodels.

    python -m venv .venv && .venv/bin/pip install statsmodels && .venv/bin/python bench/parity/holm.py
    npx biome format --write test/fixtures/holm-parity.json
"""

import json
from pathlib import Path

import numpy as np
from statsmodels.stats.multitest import multipletests

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/holm-parity.json"


def adjusted(name, p):
    p = [float(v) for v in p]
    return {"name": name, "p": p, "holm": [float(v) for v in multipletests(p, method="holm")[1]]}


def main():
    rng = np.random.default_rng(0)
    cases = [
        adjusted("uniform", rng.random(40)),
        adjusted("mostly small", rng.random(12) ** 6),
        adjusted("ties", [0.01, 0.01, 0.04, 0.04, 0.5, 0.01]),
        adjusted("one", [0.03]),
        adjusted("0 and 1", [1.0, 0.0, 0.2, 1.0]),
        adjusted("step down", [0.01, 0.0101, 0.0102, 0.9]),
    ]
    OUT.write_text(json.dumps(cases))


main()
