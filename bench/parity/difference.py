"""Vectors for the difference of two independent shares: statsmodels' Newcombe interval (method 10 of Newcombe 1998).

    python bench/parity/difference.py > test/fixtures/difference-parity.json
"""

import json
import random

from statsmodels.stats.proportion import confint_proportions_2indep

random.seed(0)
cases = [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (10, 10, 0, 20), (1, 1, 1, 1)]
for _ in range(30):
    n, m = random.randint(1, 2000), random.randint(1, 2000)
    cases.append((random.randint(0, n), n, random.randint(0, m), m))
rows = []
for a, n, b, m in cases:
    low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    rows.append([a, n, b, m, max(-1.0, float(low)), min(1.0, float(high))])
print(json.dumps(rows))
