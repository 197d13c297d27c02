"""d²L/dY² of L = ‖X·X·Y‖_F for the 6×6 matrices of workload W1, to more than 32 digits.

Second differences of the value at 120 digits with step 1e-25, so that their error is below 1e-45 and no formula for a
derivative is used. One line for each a ≥ b of the stacked Y (columns after each other): the entry as the nearest f64,
and what is left of it, as an f64 too.

    python benches/data/second_derivative.py > benches/data/second_derivative.txt
"""
import math
import os
import sys

from mpmath import mp, mpf, sqrt

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rivals"))
from workloads import uniform  # noqa: E402

N = 6
mp.dps = 120
STEP = mpf(10) ** -25


def stream(seed):
    """The f64 that hessite's side makes, by rows."""
    scale = 1.0 / math.sqrt(N)
    return [[mpf(scale * (2.0 * float(u) - 1.0)) for u in uniform(seed, N * N)[N * i : N * (i + 1)]] for i in range(N)]


def product(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(N)) for j in range(N)] for i in range(N)]


X, Y = stream(101), stream(102)
P = product(X, X)


def value(*steps):
    y = [row[:] for row in Y]
    for a, h in steps:
        y[a % N][a // N] += h
    return sqrt(sum(z * z for row in product(P, y) for z in row))


for a in range(N * N):
    for b in range(a + 1):
        signs = [(1, 1), (-1, -1), (1, -1), (-1, 1)]
        f = [value((a, s * STEP), (b, t * STEP)) for s, t in signs]
        entry = (f[0] + f[1] - f[2] - f[3]) / (4 * STEP * STEP)
        near = float(entry)
        print(repr(near), repr(float(entry - mpf(near))))
