"""Writes spectral.txt: value, gradient and H·v of functions of the spectrum, computed with 100 digits (mpmath).

    python3 spectral.py > spectral.txt

The scalar function of a matrix A is L = <W, f(A)> + <f(A), f(A)>/2 where f(A) is a matrix, and f(A) where it is a
number. No derivative rule is used: gradients are central differences and products H·v mixed central differences with
a step of 1e-25, which leaves more than 40 digits; f(A) itself is made of the eigenvalues of A (or of AᵀA), or of a
Taylor series.

Each case gives its input too: lines `case what bits…` for the shape, the matrix, W, the direction v, the results, and
for each result δ, the largest change (relative to the largest entry) of that result over four perturbations of the
matrix by up to half an ulp of its largest entry.
"""

import random
import struct

from mpmath import mp, mpf, matrix

mp.dps = 100
STEP = mpf(10) ** -25
EPS = mpf(2) ** -53


def rotation(rng, n):
    """An orthogonal matrix of doubles is none; so matrices with given eigenvalues are made exactly, then rounded."""
    q = matrix(n, n)
    for i in range(n):
        for j in range(n):
            q[i, j] = mpf(rng.gauss(0, 1))
    q, _ = mp.qr(q)
    return q


def symmetric(rng, eigenvalues):
    n = len(eigenvalues)
    q = rotation(rng, n)
    a = q * mp.diag([mpf(x) for x in eigenvalues]) * q.T
    return [[float((a[i, j] + a[j, i]) / 2) for j in range(n)] for i in range(n)]


def with_singular_values(rng, m, n, values):
    u, v = rotation(rng, m), rotation(rng, n)
    s = matrix(m, n)
    for i, x in enumerate(values):
        s[i, i] = mpf(x)
    a = u * s * v.T
    return [[float(a[i, j]) for j in range(n)] for i in range(m)]


def diagonal(values):
    return [[float(x) if i == j else 0.0 for j, x in enumerate(values)] for i in range(len(values))]


def to_mp(rows):
    return matrix(len(rows), len(rows[0]) if rows else 0) if not rows else matrix(rows)


def spectral(f):
    """f of the symmetric part."""

    def apply(a):
        n = a.rows
        if n == 1:
            return matrix([[f(a[0, 0])]])
        values, q = mp.eigsy((a + a.T) / 2)
        return q * mp.diag([f(values[i]) for i in range(n)]) * q.T

    return apply


def exponential(a):
    """Scaling and squaring of the Taylor series."""
    n = a.rows
    s = 8 + max(0, int(mp.ceil(mp.log(mp.mnorm(a, 1) + 1, 2))))
    x = a / mpf(2) ** s
    total, term = mp.eye(n), mp.eye(n)
    for k in range(1, 60):
        term = term * x / k
        total = total + term
    for _ in range(s):
        total = total * total
    return total


def eigenvalues(a):
    if a.rows == 1:
        return matrix([[a[0, 0]]])
    values = mp.eigsy((a + a.T) / 2, eigvals_only=True)
    return matrix([[x] for x in sorted(values)])


def singular(a):
    small = a * a.T if a.rows <= a.cols else a.T * a
    values = eigenvalues(small)
    return matrix([[mp.sqrt(abs(values[i]))] for i in reversed(range(small.rows))])


def eigenvectors(a):
    if a.rows == 1:
        return matrix([[mpf(1)]])
    values, q = mp.eigsy((a + a.T) / 2)
    order = sorted(range(a.rows), key=lambda i: values[i])
    out = matrix(a.rows, a.rows)
    for k, i in enumerate(order):
        column = [q[r, i] for r in range(a.rows)]
        sign = mp.sign(max(column, key=abs))
        for r in range(a.rows):
            out[r, k] = sign * column[r]
    return out


def nuclear(a):
    return mp.fsum(singular(a))


def largest(a):
    return max(eigenvalues(a))


def dot(x, y):
    return mp.fsum(x[i, j] * y[i, j] for i in range(x.rows) for j in range(x.cols))


def columns(m):
    return [m[i, j] for j in range(m.cols) for i in range(m.rows)]


def wrapped(f, w):
    def value(a):
        y = f(a)
        if not isinstance(y, matrix):
            return y
        return dot(w, y) + dot(y, y) / 2

    return value


def results(f, a, v):
    m, n = a.rows, a.cols
    unit = matrix(m, n)
    gradient, product = matrix(m, n), matrix(m, n)
    for i in range(m):
        for j in range(n):
            unit[i, j] = STEP
            gradient[i, j] = (f(a + unit) - f(a - unit)) / (2 * STEP)
            plus, minus = a + STEP * v, a - STEP * v
            second = f(plus + unit) - f(plus - unit) - f(minus + unit) + f(minus - unit)
            product[i, j] = second / (4 * STEP * STEP)
            unit[i, j] = 0
    return [("value", [f(a)]), ("gradient", columns(gradient)), ("hvp", columns(product))]


def line(case, what, numbers):
    bits = [struct.pack(">d", float(x)).hex() for x in numbers]
    print(" ".join([case, what] + bits))


def write(name, f, rows, seed):
    rng = random.Random(seed)
    a = to_mp(rows)
    y = f(a)
    w = matrix(y.rows, y.cols) if isinstance(y, matrix) else matrix(1, 1)
    for i in range(w.rows):
        for j in range(w.cols):
            w[i, j] = mpf(rng.uniform(-1, 1))
    v = matrix(a.rows, a.cols)
    for i in range(a.rows):
        for j in range(a.cols):
            v[i, j] = mpf(rng.uniform(-1, 1))
    line(name, "shape", [a.rows, a.cols])
    line(name, "matrix", columns(a))
    line(name, "weight", columns(w))
    line(name, "direction", columns(v))
    g = wrapped(f, w)
    exact = results(g, a, v)
    scale = max([abs(x) for x in columns(a)])
    change = {what: mpf(0) for what, _ in exact}
    for _ in range(4):
        near = matrix(a.rows, a.cols)
        for i in range(a.rows):
            for j in range(a.cols):
                # What is symmetric stays so.
                symmetric_twin = a.rows == a.cols and j < i and a[i, j] == a[j, i]
                near[i, j] = near[j, i] if symmetric_twin else a[i, j] + scale * EPS * mpf(rng.uniform(-1, 1))
        for (what, x), (_, z) in zip(exact, results(g, near, v)):
            size = max([abs(t) for t in x]) or mpf(1)
            change[what] = max(change[what], max(abs(p - q) for p, q in zip(x, z)) / size)
    for what, x in exact:
        line(name, what, x)
        line(name, "delta_" + what, [change[what]])


def logistic(x):
    return 1 / (1 + mp.exp(-x))


FUNCTIONS = {
    "recip": (lambda x: 1 / x, False),
    "sqrt": (mp.sqrt, False),
    "cbrt": (mp.cbrt, False),
    "exp": (mp.exp, True),
    "exp_m1": (mp.expm1, True),
    "ln": (mp.log, False),
    "ln_1p": (mp.log1p, False),
    "log2": (lambda x: mp.log(x, 2), False),
    "log10": (mp.log10, False),
    "xlnx": (lambda x: x * mp.log(x), False),
    "sin": (mp.sin, True),
    "cos": (mp.cos, True),
    "tan": (mp.tan, False),
    "asin": (mp.asin, None),
    "acos": (mp.acos, None),
    "atan": (mp.atan, True),
    "sinh": (mp.sinh, True),
    "cosh": (mp.cosh, True),
    "tanh": (mp.tanh, True),
    "asinh": (mp.asinh, True),
    "acosh": (lambda x: mp.acosh(x + 0), "above"),
    "atanh": (mp.atanh, None),
    "sigmoid": (logistic, True),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), True),
    "erf": (mp.erf, True),
    "erfc": (mp.erfc, True),
    "powi_3": (lambda x: x**3, True),
    "powi_-2": (lambda x: x**-2, False),
    "powf_-0.5": (lambda x: 1 / mp.sqrt(x), False),
    "powf_1.7": (lambda x: x ** mpf(1.7), False),
}


def points(kind):
    """Eigenvalues that are distinct, repeated, nearly repeated, and far apart; one number."""
    if kind is None:
        near, far = [[-0.6, 0.1, 0.5], [0.3, 0.3, -0.4], [0.2, 0.2 + 1e-9, 0.6]], []
    elif kind == "above":
        near, far = [[1.5, 2.0, 4.0], [2.0, 2.0, 3.0], [2.0, 2.0 + 1e-9, 5.0]], []
    elif kind:
        near, far = [[-1.3, 0.2, 2.1], [1.0, 1.0, 0.0], [0.5, 0.5 + 1e-9, -2.0]], [[-9.0, 0.1, 7.0]]
    else:
        near, far = [[0.3, 1.0, 1.4], [1.2, 1.2, 0.4], [0.7, 0.7 + 1e-9, 1.3]], [[0.01, 1.0, 1.5]]
    return near + far


def main():
    seed = 0
    for name, (f, kind) in FUNCTIONS.items():
        for values in points(kind):
            seed += 1
            rng = random.Random(1000 + seed)
            label = "_".join("%g" % x for x in values)
            write("%s/%s" % (name, label), spectral(f), symmetric(rng, values), seed)
        one = 2.5 if kind == "above" else 0.6
        write("%s/identity" % name, spectral(f), diagonal([one] * 3), seed)
        write("%s/single" % name, spectral(f), [[one]], seed)
    # An ill-conditioned one, and a larger one with clusters.
    rng = random.Random(7)
    write("ln/ill", spectral(mp.log), symmetric(rng, [1e-6, 1.0, 30.0]), 7)
    cluster = [0.5, 0.5, 0.5 + 1e-12, 0.5 + 1e-5, 2.0, 2.0, 9.0]
    write("exp/clusters", spectral(mp.exp), symmetric(rng, cluster), 8)
    write("sqrt/clusters", spectral(mp.sqrt), symmetric(rng, cluster), 9)
    for k, values in enumerate([[-1.3, 0.2, 2.1], [-0.7, 0.9, 0.9], [0.5, 0.5 + 1e-9, -2.0], [0.6]]):
        write("abs/%d" % k, spectral(abs), symmetric(rng, values), 10 + k)
    general(rng)
    spectra(rng)


def general(rng):
    """Exponentials of matrices that are not symmetric."""

    def uniform(n, scale):
        return [[rng.uniform(-scale, scale) for _ in range(n)] for _ in range(n)]

    cases = [uniform(3, 0.01), uniform(3, 1), uniform(4, 3), uniform(5, 10), uniform(3, 60)]
    cases += [[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], [[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]]]
    cases += [diagonal([1.0] * 3), diagonal([0.0] * 3), [[-0.7]], [[0.0, 50.0], [-50.0, 0.0]]]
    cases += [diagonal([-30.0, 0.0, 2.0]), symmetric(rng, [1.0, 1.0, -2.0])]
    for k, a in enumerate(cases):
        write("expm/%d" % k, exponential, a, 20 + k)


def spectra(rng):
    """Eigenvalues and singular values, all distinct or as the function allows."""
    for k, values in enumerate([[-1.0, 0.5, 2.0], [0.3, 0.31, 5.0, 7.0], [2.0]]):
        write("eigenvalues/%d" % k, eigenvalues, symmetric(rng, values), 40 + k)
        write("eigenvectors/%d" % k, eigenvectors, symmetric(rng, values), 50 + k)
        write("largest_eigenvalue/%d" % k, largest, symmetric(rng, values), 60 + k)
    write("largest_eigenvalue/below", largest, symmetric(rng, [0.4, 0.4, 3.0]), 69)
    shapes = [(3, 3, [3.0, 1.5, 0.4]), (2, 4, [2.0, 0.7]), (4, 2, [5.0, 0.1]), (1, 3, [1.5]), (3, 1, [0.8]), (1, 1, [0.6])]
    for k, (m, n, values) in enumerate(shapes):
        a = with_singular_values(rng, m, n, values)
        write("singular_values/%d" % k, singular, a, 70 + k)
        write("spectral_norm/%d" % k, lambda a: singular(a)[0], a, 80 + k)
        write("nuclear_norm/%d" % k, nuclear, a, 90 + k)
    repeated = [(3, 3, [1.0, 1.0, 0.5]), (3, 2, [2.0, 2.0]), (2, 3, [1.0, 1.0 + 1e-9])]
    for k, (m, n, values) in enumerate(repeated):
        write("nuclear_norm/repeated%d" % k, nuclear, with_singular_values(rng, m, n, values), 100 + k)
    write("nuclear_norm/identity", nuclear, diagonal([1.0] * 3), 104)
    # Rank loss below the largest one does no harm to it.
    write("spectral_norm/deficient", lambda a: singular(a)[0], diagonal([2.0, 0.0, 0.0]), 105)


if __name__ == "__main__":
    main()
