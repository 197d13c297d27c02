"""Writes implicit.txt: value, gradient, H·v and D³L[u, v] of functions given by
equations and minima, computed with 80 digits (mpmath).

    python3 implicit.py > implicit.txt

Each is L(x) = g(z(x), x) with z found by Newton's method on 80 digits, started at the root of the unperturbed problem.
The equation of a minimum is its gradient, written out here by hand. No derivative rule for z is used: gradients are
central differences of L, H·v and third derivatives mixed central differences, with a step of 1e-15, which leaves
nearly 30 digits.

For each case and point: the stacked variables, the directions, the results, and for each result δ, the largest change
(relative to the largest entry) over three perturbations of every variable by up to half an ulp. Lines: case/point,
what, the nearest doubles as bits.
"""

import random
import struct

from mpmath import mp, mpf, matrix

mp.dps = 80
STEP = mpf(10) ** -15
EPS = mpf(2) ** -53


def columns(a):
    return [a[i, j] for j in range(a.cols) for i in range(a.rows)]


def from_columns(x, rows, cols):
    a = matrix(rows, cols)
    for j in range(cols):
        for i in range(rows):
            a[i, j] = x[i + rows * j]
    return a


def newton(f, jacobian, z):
    """The root near z, all of it lists of numbers."""
    for _ in range(60):
        residual = f(z)
        step = mp.lu_solve(jacobian(z), matrix(residual))
        z = [a - b for a, b in zip(z, step)]
        if max(abs(s) for s in step) < mpf(10) ** -70:
            return z
    raise ValueError("no root")


def sigmoid(t):
    return 1 / (1 + mp.exp(-t))


class Cubic:
    """z³ + p z = q; L = z² exp(p/2) + q z."""

    shapes = [(1, 1), (1, 1)]
    points = [[1.5, 2.0], [0.2, -3.0]]
    start = [[mpf(1)], [mpf(-1)]]

    def root(self, x, z):
        p, q = x
        return newton(lambda z: [z[0] ** 3 + p * z[0] - q], lambda z: matrix([[3 * z[0] ** 2 + p]]), z)

    def outer(self, z, x):
        return z[0] ** 2 * mp.exp(x[0] / 2) + x[1] * z[0]


class System:
    """A z + z∘z∘z/4 = b with a 3×3 matrix A; L = Σ sin z + ⟨z, A z⟩/2."""

    shapes = [(3, 3), (3, 1)]
    points = [
        [3.0, 0.4, -0.7, 0.2, 2.5, 0.9, -0.3, 0.6, 3.5, 1.0, -2.0, 0.5],
        [1.2, -0.8, 0.5, 0.9, 1.7, -0.4, 0.3, -0.6, 1.1, -0.7, 1.3, 2.2],
    ]
    start = [[mpf(0)] * 3] * 2

    def root(self, x, z):
        a, b = from_columns(x[:9], 3, 3), x[9:]

        def f(z):
            return [mp.fsum(a[i, j] * z[j] for j in range(3)) + z[i] ** 3 / 4 - b[i] for i in range(3)]

        def jacobian(z):
            j = a.copy()
            for i in range(3):
                j[i, i] += 3 * z[i] ** 2 / 4
            return j

        return newton(f, jacobian, z)

    def outer(self, z, x):
        a = from_columns(x[:9], 3, 3)
        form = mp.fsum(z[i] * a[i, j] * z[j] for i in range(3) for j in range(3))
        return mp.fsum(mp.sin(t) for t in z) + form / 2


class FixedPoint:
    """Z = tanh(W Z + B)/2 for 2×2 matrices; L = ‖Z‖² + Σ exp Z."""

    shapes = [(2, 2), (2, 2)]
    points = [
        [0.6, -0.4, 0.3, 0.8, 0.5, -1.0, 0.2, 0.7],
        [-1.1, 0.5, 0.9, -0.2, 1.4, 0.1, -0.6, -0.9],
    ]
    start = [[mpf(0)] * 4] * 2

    def root(self, x, z):
        w, b = from_columns(x[:4], 2, 2), from_columns(x[4:], 2, 2)

        def image(z):
            m = w * from_columns(z, 2, 2) + b
            return [mp.tanh(t) / 2 for t in columns(m)]

        def f(z):
            return [s - t for s, t in zip(z, image(z))]

        def jacobian(z):
            y = image(z)
            j = mp.eye(4)
            for c in range(2):
                for i in range(2):
                    for k in range(2):
                        j[i + 2 * c, k + 2 * c] -= (1 - (2 * y[i + 2 * c]) ** 2) / 2 * w[i, k]
            return j

        return newton(f, jacobian, z)

    def outer(self, z, x):
        return mp.fsum(t * t + mp.exp(t) for t in z)


# Rows of two features and a label of ±1: what is fitted, and what is held out.
FITTED = [(0.5, 1.2, 1), (-1.5, 0.3, -1), (0.8, -0.7, 1), (-0.2, -1.1, -1), (1.4, 0.4, -1)]
HELD_OUT = [(0.3, 0.9, 1), (-0.6, -0.4, -1), (1.1, -0.2, 1)]


class Logistic:
    """w = argmin Σ cᵢ ln(1 + exp(−yᵢ⟨w, aᵢ⟩)) + exp(s)‖w‖²/2 with weights c of the rows; L is the loss of what is held
    out, so that ∇L is the hypergradient."""

    shapes = [(5, 1), (1, 1)]
    points = [[1.0, 0.5, 1.5, 0.8, 1.2, -1.0], [0.3, 1.7, 0.6, 1.1, 0.9, 0.7]]
    start = [[mpf(0)] * 2] * 2

    def root(self, x, w):
        weights, strength = x[:5], mp.exp(x[5])

        def f(w):
            g = [strength * w[0], strength * w[1]]
            for c, (p, q, y) in zip(weights, FITTED):
                s = -c * y * sigmoid(-y * (w[0] * mpf(p) + w[1] * mpf(q)))
                g = [g[0] + s * mpf(p), g[1] + s * mpf(q)]
            return g

        def jacobian(w):
            h = matrix([[strength, 0], [0, strength]])
            for c, (p, q, y) in zip(weights, FITTED):
                m = w[0] * mpf(p) + w[1] * mpf(q)
                s = c * sigmoid(m) * sigmoid(-m)
                a = [mpf(p), mpf(q)]
                for i in range(2):
                    for j in range(2):
                        h[i, j] += s * a[i] * a[j]
            return h

        return newton(f, jacobian, w)

    def outer(self, w, x):
        return mp.fsum(mp.log1p(mp.exp(-y * (w[0] * mpf(p) + w[1] * mpf(q)))) for p, q, y in HELD_OUT)


def results(case, x, start, v, u):
    near = case.root(x, start)

    def at(*moves):
        moved = [a + STEP * mp.fsum(k * d[i] for k, d in moves) for i, a in enumerate(x)]
        return case.outer(case.root(moved, near), moved)

    n = len(x)
    unit = lambda i: [mpf(int(k == i)) for k in range(n)]
    gradient, product, third = [], [], []
    for i in range(n):
        e = unit(i)
        gradient.append((at((1, e)) - at((-1, e))) / (2 * STEP))
        two = lambda *more: mp.fsum(r * s * at((r, e), (s, v), *more) for r in (1, -1) for s in (1, -1))
        product.append(two() / (4 * STEP**2))
        third.append((two((1, u)) - two((-1, u))) / (8 * STEP**3))
    return [("value", [at()]), ("gradient", gradient), ("hvp", product), ("third", third)]


def line(case, what, numbers):
    print(case, what, *[struct.pack(">d", float(x)).hex() for x in numbers])


def write(name, case, point):
    rng = random.Random("%s %d" % (name, point))
    x = [mpf(t) for t in case.points[point]]
    v, u = ([mpf(rng.uniform(-1, 1)) for _ in x] for _ in range(2))
    label = "%s/%d" % (name, point)
    line(label, "point", x)
    line(label, "v", v)
    line(label, "u", u)
    exact = results(case, x, case.start[point], v, u)
    change = {what: mpf(0) for what, _ in exact}
    for _ in range(3):
        moved = [t + abs(t) * EPS * mpf(rng.uniform(-1, 1)) for t in x]
        for (what, y), (_, z) in zip(exact, results(case, moved, case.start[point], v, u)):
            size = max(abs(t) for t in y)
            change[what] = max(change[what], max(abs(p - q) for p, q in zip(y, z)) / size)
    for what, y in exact:
        line(label, what, y)
        line(label, "delta_" + what, [change[what]])


if __name__ == "__main__":
    for name, case in [("cubic", Cubic()), ("system", System()), ("fixed_point", FixedPoint()), ("logistic", Logistic())]:
        for point in range(2):
            write(name, case, point)
