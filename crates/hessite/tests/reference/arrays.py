"""Writes arrays.txt, as composites.py writes composites.txt: functions of lists of indices, running sums, products of
entries, convolutions, Kronecker and cross products, further norms, structured matrices.

    python3 arrays.py > arrays.txt
"""

from composites import M, make, mp, mpf, write

U, P = (-2, 2), (0.3, 2.5)


def select(x, rows, cols):
    return make(len(rows), len(cols), lambda i, j: x.at(rows[i], cols[j]))


def scatter(x, places, n):
    y = [mpf(0)] * n
    for place, v in zip(places, x.e):
        y[place] += v
    return M(n, 1, y)


def lists(x):
    rows = select(x, [2, 0, 2, 1], range(3))
    cols = select(x, range(4), [1, 1, 0])
    picked = M(3, 1, [x.e[5], x.e[0], x.e[5]])
    back = scatter(x, [3, 0, 0, 1, 2, 3, 4, 4, 1, 0, 2, 3], 6)
    tall = [[mpf(0)] * 3 for _ in range(3)]
    for i, to in enumerate([1, 1, 0, 2]):
        for j in range(3):
            tall[to][j] += x.at(i, j)
    tall = make(3, 3, lambda i, j: tall[i][j])
    wide = make(4, 2, lambda i, j: sum(x.at(i, k) for k, to in enumerate([1, 0, 1]) if to == j))
    return (rows * cols.t).sq() + picked.sq() * x.sum() + tall.map(mp.sin).sum() * wide.sq() + back.map(mp.exp).sum()


def running(x):
    sums = make(x.rows, x.cols, lambda i, j: mp.fsum(x.at(k, j) for k in range(i + 1)))
    products = make(x.rows, x.cols, lambda i, j: mp.fprod(x.at(k, j) for k in range(i + 1)))
    return sums.had(x).sq() + products.map(mp.sin).sum()


def products(x):
    rows = make(1, x.cols, lambda _, j: mp.fprod(x.at(i, j) for i in range(x.rows)))
    cols = make(x.rows, 1, lambda i, _: mp.fprod(x.at(i, j) for j in range(x.cols)))
    return mp.fprod(x.e) + (cols * rows).sq()


def convolve(x, h):
    m, n = len(x.e), len(h.e)
    full = [mp.fsum(x.e[i] * h.e[k - i] for i in range(m) if 0 <= k - i < n) for k in range(m + n - 1)]
    valid = full[n - 1 : m]
    same = [mp.fsum(x.e[i + j] * h.e[j] for j in range(n)) for i in range(m - n + 1)]
    return (
        mp.fsum(mp.sin(v) for v in full)
        + mp.fsum(v**2 for v in valid) * mp.fsum(same)
        + mp.fsum(v**3 for v in same)
    )


def kronecker(a, b):
    return make(
        a.rows * b.rows,
        a.cols * b.cols,
        lambda i, j: a.at(i // b.rows, j // b.cols) * b.at(i % b.rows, j % b.cols),
    )


def cross(x, y):
    a, b = x.e, y.e
    return M(3, 1, [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def lp(x, p):
    return mp.fsum(abs(v) ** mpf(p) for v in x.e) ** (1 / mpf(p))


def induced(x):
    one = max(mp.fsum(abs(x.at(i, j)) for i in range(x.rows)) for j in range(x.cols))
    infinity = max(mp.fsum(abs(x.at(i, j)) for j in range(x.cols)) for i in range(x.rows))
    return one**2 * infinity + x.sq()


def norms(x):
    return lp(x, "1.5") * lp(x, 3) + lp(x, 1) ** 2 + lp(x, 2) ** 3 + max(abs(v) for v in x.e) ** 2 + lp(x, "4.5")


def powers(x):
    return (x * x * x * x * x + x).trace() * x.sum() + (x.t * x * x.t).sq()


FUNCTIONS = [
    ("lists", [(4, 3, U)], lists),
    ("running", [(5, 2, U)], running),
    ("products", [(3, 5, U)], products),
    ("convolutions", [(6, 1, U), (3, 1, U)], convolve),
    ("kronecker", [(2, 3, U), (3, 2, U)], lambda a, b: kronecker(a, b).map(mp.sin).sum()),
    ("cross", [(3, 1, U), (3, 1, U)], lambda x, y: cross(x, y).norm() * x.dot(y)),
    ("forms", [(4, 2, U), (4, 4, U)], lambda x, a: (x.t * a * x).trace() ** 2),
    ("induced", [(3, 4, U)], induced),
    ("norms", [(3, 3, U)], norms),
    ("matrix_powers", [(3, 3, U)], powers),
]

if __name__ == "__main__":
    write(FUNCTIONS)
