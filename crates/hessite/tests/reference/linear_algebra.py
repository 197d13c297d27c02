"""Writes linear_algebra.txt, as composites.py writes composites.txt: inverses, systems of equations, determinants,
factorisations. With the argument `hilbert` it writes hilbert.txt: products H·v at Hilbert matrices, and how far they move
when the matrix is perturbed by one unit in the last place.

    python3 linear_algebra.py > linear_algebra.txt
    python3 linear_algebra.py hilbert > hilbert.txt
"""

import sys

from composites import M, Rng, bits, distances, identity, make, mp, mpf, write

U, P, UNIT = (-2, 2), (0.3, 2.5), (-0.9, 0.9)


def eliminated(a, b):
    """A⁻¹B and det A, by elimination with pivoting."""
    n, m = a.rows, b.cols
    rows = [[a.at(i, j) for j in range(n)] + [b.at(i, j) for j in range(m)] for i in range(n)]
    det = mpf(1)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(rows[i][k]))
        if p != k:
            rows[k], rows[p], det = rows[p], rows[k], -det
        det *= rows[k][k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                f = rows[i][k]
                rows[i] = [x - f * y for x, y in zip(rows[i], rows[k])]
    return make(n, m, lambda i, j: rows[i][n + j]), det


def solve(a, b):
    return eliminated(a, b)[0]


def inverse(a):
    return solve(a, identity(a.rows))


def det(a):
    return eliminated(a, identity(a.rows))[1]


def symmetric(a):
    return make(a.rows, a.rows, lambda i, j: (a.at(i, j) + a.at(j, i)) / 2)


def cholesky(a):
    n = a.rows
    l = [[mpf(0)] * n for _ in range(n)]
    for j in range(n):
        for i in range(j, n):
            s = (a.at(i, j) + a.at(j, i)) / 2 - mp.fsum(l[i][p] * l[j][p] for p in range(j))
            l[i][j] = mp.sqrt(s) if i == j else s / l[j][j]
    return make(n, n, lambda i, j: l[i][j])


def triangle(a, upper, unit=False):
    keep = lambda i, j: j >= i if upper else i >= j
    return make(
        a.rows,
        a.cols,
        lambda i, j: mpf(1) if unit and i == j else a.at(i, j) if keep(i, j) else mpf(0),
    )


def qr(a):
    """By Gram and Schmidt, with digits to spare."""
    q, r = [], [[mpf(0)] * a.cols for _ in range(a.cols)]
    for k in range(a.cols):
        v = [a.at(i, k) for i in range(a.rows)]
        for j, u in enumerate(q):
            r[j][k] = mp.fsum(x * y for x, y in zip(u, v))
            v = [x - r[j][k] * y for x, y in zip(v, u)]
        r[k][k] = mp.sqrt(mp.fsum(x * x for x in v))
        q.append([x / r[k][k] for x in v])
    return make(a.rows, a.cols, lambda i, j: q[j][i]), make(a.cols, a.cols, lambda i, j: r[i][j])


def pseudo_inverse(a):
    if a.rows < a.cols:
        return pseudo_inverse(a.t).t
    return solve(a.t * a, a.t)


def sines(x):
    return x.map(mp.sin).sum()


def positive(x):
    return x * x.t + identity(x.rows)


def triangular(t, b):
    x = solve(triangle(t, False), b)
    y = solve(triangle(t, True), b)
    z = solve(triangle(t, False).t, b)
    w = solve(triangle(t, True).t, b)
    u = solve(triangle(t, False, True), b)
    return sines(x) + y.sq() + sines(z) * w.sum() + u.sq() + triangle(t, False).dot(triangle(t, True))


def orthogonal(x):
    q, r = qr(x)
    return sines(q) * r.sum() + q.map(mp.exp).sum() + r.sq() * q.at(1, 1)


def process(x, y, s):
    k = (-distances(x).times(s.e[0])).map(mp.exp) + identity(x.rows).times(mpf("0.1"))
    return y.dot(solve(k, y)) / 2 + mp.log(det(k)) / 2


FUNCTIONS = [
    ("inverse", [(4, 4, U)], lambda x: sines(inverse(x))),
    ("inverse_of_number", [(1, 1, P)], lambda x: sines(inverse(x)) + det(x) ** 2 + mp.log(det(x))),
    ("solve", [(4, 4, U), (4, 2, U)], lambda a, b: sines(solve(a, b)) + solve(a.t, b).sq()),
    ("solve_with_itself", [(3, 3, U)], lambda x: sines(solve(x + identity(3).times(mpf(3)), x))),
    ("determinant", [(5, 5, U)], lambda x: det(x) ** 2 / 10 + det(x * x - x)),
    ("log_determinant", [(5, 5, U)], lambda x: mp.log(abs(det(x))) ** 2 + mp.log(det(positive(x)))),
    ("positive", [(4, 4, U), (4, 2, U)], lambda x, b: sines(solve(positive(x), b)) + sines(inverse(positive(x)))),
    ("log_positive", [(4, 3, U)], lambda x: mp.log(det(positive(x))) ** 2),
    ("cholesky", [(4, 4, U)], lambda x: sines(cholesky(positive(x))) + mp.exp(cholesky(positive(x)).at(3, 0))),
    ("triangular", [(4, 4, P), (4, 2, U)], triangular),
    ("qr", [(5, 3, U)], orthogonal),
    ("square_qr", [(3, 3, U)], orthogonal),
    ("tall", [(5, 3, U), (5, 2, U)], lambda a, b: sines(pseudo_inverse(a)) + (pseudo_inverse(a) * b).sq()),
    ("wide", [(2, 4, U), (2, 1, U)], lambda a, b: sines(pseudo_inverse(a)) + (pseudo_inverse(a) * b).sq()),
    ("process", [(6, 2, UNIT), (6, 1, U), (1, 1, P)], process),
    ("form", [(3, 2, U), (3, 3, U)], lambda x, a: x.dot(solve(a, x)) ** 2),
]

HILBERT = [
    ("inverse", lambda a, w: w.dot(inverse(a))),
    ("solve", lambda a, w: solve(a, w).sq()),
    ("log_determinant", lambda a, w: mp.log(abs(det(a)))),
    ("determinant", lambda a, w: det(a)),
    ("positive", lambda a, w: solve(symmetric(a), w).sq()),
    ("log_positive", lambda a, w: mp.log(det(symmetric(a)))),
    ("cholesky", lambda a, w: w.dot(cholesky(a))),
    ("pseudo_inverse", lambda a, w: w.dot(pseudo_inverse(a))),
    ("r", lambda a, w: w.dot(qr(a)[1])),
]


def hilbert():
    mp.dps = 140
    step = mpf(10) ** -35
    eps = mpf(2) ** -52
    for n in (6, 7, 8):
        rng = Rng(n)
        w, v = [M(n, n, [mpf(rng.uniform(-1, 1)) for _ in range(n * n)]) for _ in range(2)]
        signs = [M(n, n, [mpf(1 if rng.uniform(-1, 1) < 0 else -1) for _ in range(n * n)]) for _ in range(2)]
        at = make(n, n, lambda i, j: mpf(1.0 / (i + j + 1)))
        for name, f in HILBERT:

            def product(a):
                def entry(k):
                    e = M(n, n, [step * int(p == k) for p in range(n * n)])
                    g = lambda x, y: f(a + e.times(x) + v.times(y * step), w)
                    return (g(1, 1) - g(1, -1) - g(-1, 1) + g(-1, -1)) / (4 * step**2)

                return [entry(k) for k in range(n * n)]

            here = product(at)
            near = [product(at + at.had(symmetric(s)).times(eps)) for s in signs]
            size = max(abs(x) for x in here)
            delta = max(abs(x - y) for other in near for x, y in zip(here, other)) / size
            print(f"{name}_{n}", "hvp", *map(bits, here))
            print(f"{name}_{n}", "delta", bits(delta))


if __name__ == "__main__":
    hilbert() if sys.argv[1:] == ["hilbert"] else write(FUNCTIONS)
