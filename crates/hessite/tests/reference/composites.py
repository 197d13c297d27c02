"""Writes composites.txt: value, gradient and H·v of composite functions of matrices, computed with 80 digits (mpmath).

    python3 composites.py > composites.txt

The functions are written here once more, on lists. No derivative rule is used: gradients are central differences and
products H·v mixed central differences with a step of 1e-18, which leaves more than 30 digits.

Each function has variables with shapes and intervals. Entries are drawn column by column by splitmix64, seeded with
the function's number in the list; then the direction, uniform in [-1, 1).

Each line: function, what, and the nearest doubles as bits.
"""

import struct

from mpmath import mp, mpf

mp.dps = 80
STEP = mpf(10) ** -18


class Rng:
    def __init__(self, seed):
        self.state = seed

    def uniform(self, low, high):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        return low + (high - low) * ((z >> 11) * 2.0**-53)


class M:
    """A matrix, column by column."""

    def __init__(self, rows, cols, entries):
        self.rows, self.cols, self.e = rows, cols, list(entries)
        assert len(self.e) == rows * cols

    def at(self, i, j):
        return self.e[i + self.rows * j]

    def map(self, f):
        return M(self.rows, self.cols, [f(x) for x in self.e])

    def zip(self, other, f):
        assert (self.rows, self.cols) == (other.rows, other.cols)
        return M(self.rows, self.cols, [f(x, y) for x, y in zip(self.e, other.e)])

    def __add__(self, other):
        return self.zip(other, lambda x, y: x + y)

    def __sub__(self, other):
        return self.zip(other, lambda x, y: x - y)

    def had(self, other):
        return self.zip(other, lambda x, y: x * y)

    def __neg__(self):
        return self.map(lambda x: -x)

    def times(self, s):
        return self.map(lambda x: x * s)

    def __mul__(self, other):
        assert self.cols == other.rows
        return make(
            self.rows,
            other.cols,
            lambda i, j: mp.fsum(self.at(i, p) * other.at(p, j) for p in range(self.cols)),
        )

    @property
    def t(self):
        return make(self.cols, self.rows, lambda i, j: self.at(j, i))

    def sum(self):
        return mp.fsum(self.e)

    def dot(self, other):
        return self.had(other).sum()

    def sq(self):
        return self.dot(self)

    def norm(self):
        return mp.sqrt(self.sq())

    def trace(self):
        return mp.fsum(self.at(i, i) for i in range(self.rows))

    def row_lists(self):
        return [[self.at(i, j) for j in range(self.cols)] for i in range(self.rows)]

    def view(self, i0, j0, m, n):
        return make(m, n, lambda i, j: self.at(i0 + i, j0 + j))

    def row_sum(self):
        return make(1, self.cols, lambda _, j: mp.fsum(self.at(i, j) for i in range(self.rows)))

    def column_sum(self):
        return make(self.rows, 1, lambda i, _: mp.fsum(self.at(i, j) for j in range(self.cols)))

    def broadcast(self, m, n):
        return make(m, n, lambda i, j: self.at(i if self.rows > 1 else 0, j if self.cols > 1 else 0))

    def reshape(self, m, n):
        return M(m, n, self.e)

    def vcat(self, b):
        return make(
            self.rows + b.rows,
            self.cols,
            lambda i, j: self.at(i, j) if i < self.rows else b.at(i - self.rows, j),
        )

    def hcat(self, b):
        return M(self.rows, self.cols + b.cols, self.e + b.e)

    def diagonal(self):
        return M(self.rows, 1, [self.at(i, i) for i in range(self.rows)])

    def from_diagonal(self):
        return make(self.rows, self.rows, lambda i, j: self.e[i] if i == j else mpf(0))

    def row_lse(self):
        return M(self.rows, 1, [lse(r) for r in self.row_lists()])

    def row_softmax(self):
        levels = self.row_lse()
        return make(self.rows, self.cols, lambda i, j: mp.exp(self.at(i, j) - levels.e[i]))


def make(rows, cols, f):
    return M(rows, cols, [f(i, j) for j in range(cols) for i in range(rows)])


def lse(xs):
    return mp.log(mp.fsum(mp.exp(x) for x in xs))


def identity(n):
    return make(n, n, lambda i, j: mpf(int(i == j)))


def cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log(1 + mp.exp(x))


def rounded(x):
    return mp.sign(x) * mp.floor(abs(x) + mpf(1) / 2)


def log2(x):
    return mp.log(x) / mp.log(2)


def xlnx(x):
    return x * mp.log(x)


def distances(x):
    """Squared distances of the rows."""
    n = M(x.rows, 1, [mp.fsum(v * v for v in r) for r in x.row_lists()])
    gram = x * x.t
    return make(x.rows, x.rows, lambda i, j: n.e[i] + n.e[j] - 2 * gram.at(i, j))


def network(x, w1, b1, w2, t):
    hidden = (w1 * x + b1.broadcast(3, 4)).map(mp.tanh)
    return (w2 * hidden - t).sq() / 8


def constants(x):
    data = M(2, 2, [mpf("0.5"), mpf(-1), mpf(2), mpf("0.25")])
    rep = make(2, 2, lambda i, j: mpf("1.5"))
    return ((identity(2) + x * data) * (rep - x)).sq() + x.sum() * mpf("0.75")


def on_scalar(s, t, u):
    """Each function of one number; s in (0.2, 0.9), t in (1.1, 3), u in (-2, 2)."""
    unit = mp.asin(s) * mp.acos(s) + mp.atanh(s) * mp.sqrt(s) + mp.log1p(s) / s + xlnx(s) * log2(s)
    above = mp.acosh(t) * mp.log(t) + mp.log10(t) * cbrt(t) + t**3 * t ** mpf("-0.5")
    circle = mp.sin(u) * mp.cos(u) + mp.tan(u / 2) + mp.atan(u) + mp.sinh(u) * mp.tanh(u) + mp.cosh(u)
    rest = mp.asinh(u) * mp.exp(u) + mp.expm1(u) + sigmoid(u) * softplus(u) + mp.erf(u) * mp.erfc(u)
    kinked = abs(u) * mp.sign(u) * u + mp.floor(t) * u * u + mp.ceil(t) * s + rounded(t) * u
    clipped = max(u, 0) ** 2 + min(max(t, mpf("1.5")), mpf("2.5")) * u
    return unit * above + circle * s + rest / t + kinked + clipped


def on_scalars(s, t):
    top, low = (s, t) if s >= t else (t, s)
    return s**t + mp.atan2(s, t) * mp.hypot(s, t) + top**2 * mp.exp(low) - s / t + 3 * (2 - s) + 1 / t


def shapes(x, y):
    a = x.reshape(4, 3).t * x.reshape(4, 3)
    b = y.broadcast(3, 4).had(x)
    c = x.view(1, 1, 2, 2) * x.view(0, 2, 2, 2)
    d = x.view(0, 0, 2, 4) * x.view(1, 0, 2, 4).t
    e = x.view(0, 1, 3, 2).had(x.view(0, 2, 3, 2))
    f = x.view(2, 0, 1, 4) * x.view(0, 0, 1, 4).t
    return a.sq() + b.sq() * f.e[0] + c.trace() + d.sum() + e.sq() + x.view(0, 1, 3, 1).sq() * x.at(2, 3)


def joins(x, y, d):
    tall, wide = x.vcat(y), x.t.hcat(y.t)
    square = (tall * wide).map(lambda v: v + d.e[0])
    return (square * d.from_diagonal()).sq() + square.diagonal().dot(d)


def sums(x):
    rows, cols = x.row_sum(), x.column_sum()
    mean = x.sum() / len(x.e)
    return rows.sq() * mean + cols.map(mp.exp).sum() + x.trace() ** 3 + (cols * rows).trace()


def choose(x, y):
    top = x.zip(y, max)
    low = x.zip(y, min)
    chosen = x.zip(y, lambda a, b: a * a * b if a >= b else mp.sin(a) * b)
    return top.had(low).map(mp.exp).sum() + chosen.sq()


def rayleigh(x, a):
    return (x.t * a * x).e[0] / x.sq()


U, P, ONE, UNIT = (-2, 2), (0.3, 2.5), (1.1, 3), (-0.9, 0.9)

FUNCTIONS = [
    ("norm_xxy", [(3, 3, U), (3, 2, U)], lambda x, y: (x * x * y).norm()),
    ("quadratic", [(5, 1, U), (5, 5, U)], lambda x, a: x.dot(a * x) / 2),
    (
        "cross_entropy",
        [(3, 2, U), (2, 4, U), (4, 3, (0, 1))],
        lambda w, x, t: (w * x).t.row_lse().sum() - t.dot((w * x).t),
    ),
    ("softmax", [(3, 4, U), (3, 4, U)], lambda x, c: (x.row_softmax().had(c)).sq()),
    ("columns_lse", [(2, 3, U), (3, 2, U)], lambda x, y: (x * y).t.row_lse().sq()),
    ("lse", [(3, 2, U), (1, 1, U)], lambda x, s: lse(x.e) * mp.exp(s.e[0])),
    (
        "exponentials",
        [(2, 3, U), (2, 3, U)],
        lambda x, y: (x.map(mp.exp) + y.map(mp.expm1).had(x)).sq(),
    ),
    (
        "logarithms",
        [(2, 3, P)],
        lambda x: (x.map(mp.log).had(x.map(mp.log1p)) + x.map(log2).had(x.map(mp.log10)) + x.map(xlnx)).sq(),
    ),
    ("circular", [(2, 2, U)], lambda x: (x.map(mp.sin) * x.map(mp.cos)).sq() + x.times(mpf("0.5")).map(mp.tan).sq()),
    ("arcs", [(2, 2, UNIT)], lambda x: (x.map(mp.asin) * x.map(mp.acos)).sq() + x.map(mp.atan).sum() ** 2),
    ("hyperbolic", [(2, 2, U)], lambda x: (x.map(mp.sinh) * x.map(mp.tanh)).sum() + x.map(mp.cosh).sq()),
    (
        "areas",
        [(2, 2, U), (2, 2, ONE), (2, 2, UNIT)],
        lambda x, y, z: (x.map(mp.asinh) * y.map(mp.acosh) * z.map(mp.atanh)).sq(),
    ),
    ("saturating", [(2, 3, U)], lambda x: x.map(sigmoid).dot(x.map(softplus)) + x.map(sigmoid).sq()),
    ("errors", [(2, 2, U)], lambda x: (x.map(mp.erf) * x.map(mp.erfc)).sq()),
    (
        "pieces",
        [(3, 3, U)],
        lambda x: (x.map(abs).had(x.map(mp.sign)).had(x) + x.map(mp.floor).had(x) + x.map(mp.ceil)).sq()
        + x.map(rounded).dot(x.map(mp.exp))
        + x.map(lambda v: max(v, 0)).sq()
        + x.map(lambda v: min(max(v, mpf(-1)), mpf(1))).dot(x.had(x)),
    ),
    ("roots", [(2, 2, P)], lambda x: (x.map(mp.sqrt) * x.map(lambda v: 1 / v)).sq() + x.map(cbrt).sum() ** 3),
    (
        "powers",
        [(2, 3, P), (2, 3, U)],
        lambda x, y: x.map(lambda v: v ** mpf("1.5")).sum()
        + y.map(lambda v: v**3).sum()
        + x.map(lambda v: v**-2).dot(x.zip(y, lambda a, b: a**b)),
    ),
    (
        "pairs",
        [(2, 2, P), (2, 2, P)],
        lambda x, y: x.zip(y, mp.atan2).dot(x.zip(y, mp.hypot))
        + x.zip(y, lambda a, b: a * mp.log(a / b)).sq()
        + x.zip(y, lambda a, b: a / b).sq(),
    ),
    ("choose", [(3, 2, U), (3, 2, U)], choose),
    ("extremes", [(3, 3, U)], lambda x: max(x.e) ** 3 * min(x.e) + max(x.e) * x.sum() ** 2),
    ("sums", [(3, 3, UNIT)], sums),
    ("shapes", [(3, 4, U), (1, 4, U)], shapes),
    ("joins", [(2, 3, U), (1, 3, U), (3, 1, U)], joins),
    ("tr_mul", [(4, 2, U), (4, 3, U)], lambda x, y: (x.t * y).sq() / (1 + x.sq())),
    ("on_scalar", [(1, 1, (0.2, 0.9)), (1, 1, ONE), (1, 1, U)], lambda s, t, u: on_scalar(s.e[0], t.e[0], u.e[0])),
    ("on_scalars", [(1, 1, P), (1, 1, P)], lambda s, t: on_scalars(s.e[0], t.e[0])),
    ("residual", [(3, 3, U), (3, 3, U)], lambda x, y: (x + x * y * x - y.t).norm()),
    ("rayleigh", [(4, 1, U), (4, 4, U)], rayleigh),
    ("network", [(2, 4, U), (3, 2, U), (3, 1, U), (2, 3, U), (2, 4, U)], network),
    (
        "gaussian",
        [(4, 1, UNIT), (4, 1, UNIT), (1, 1, P)],
        lambda x, m, s: mp.exp(-(x - m).sq() / (2 * s.e[0] ** 2)),
    ),
    ("cubic", [(5, 1, U), (5, 1, U)], lambda x, c: c.dot(x) + x.norm() ** 3 / 3),
    ("trace_power", [(3, 3, U)], lambda x: (x * x * x * x).trace()),
    ("constants", [(2, 2, U)], constants),
    ("newton_schulz", [(3, 3, UNIT), (3, 3, UNIT)], lambda x, y: (y * (identity(3).times(mpf(3)) - x * y * y)).sq()),
    ("kernel", [(4, 3, UNIT)], lambda x: (-distances(x)).map(mp.exp).sum()),
]


def bits(x):
    return struct.pack(">d", float(x)).hex()


def moved(shapes, x, *steps):
    at = [xi + sum(h * v[i] for h, v in steps) for i, xi in enumerate(x)]
    matrices, start = [], 0
    for rows, cols, _ in shapes:
        matrices.append(M(rows, cols, at[start : start + rows * cols]))
        start += rows * cols
    return matrices


def write(functions):
    for number, (name, shapes_of, f) in enumerate(functions):
        rng = Rng(number)
        x = [mpf(rng.uniform(*interval)) for rows, cols, interval in shapes_of for _ in range(rows * cols)]
        v = [mpf(rng.uniform(-1, 1)) for _ in x]
        gradient, product = [], []
        for i in range(len(x)):
            e = [mpf(int(k == i)) for k in range(len(x))]
            f1 = lambda s: f(*moved(shapes_of, x, (s * STEP, e)))
            f2 = lambda s, t: f(*moved(shapes_of, x, (s * STEP, e), (t * STEP, v)))
            gradient.append((f1(1) - f1(-1)) / (2 * STEP))
            product.append((f2(1, 1) - f2(1, -1) - f2(-1, 1) + f2(-1, -1)) / (4 * STEP**2))
        print(name, "value", bits(f(*moved(shapes_of, x))))
        print(name, "gradient", *map(bits, gradient))
        print(name, "hvp", *map(bits, product))


if __name__ == "__main__":
    write(FUNCTIONS)
