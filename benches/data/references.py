"""H·v of the workloads to more than 50 digits: what the errors in the report are measured against.

The gradients are written by hand, in the arithmetic of mpmath with 120 digits; H·v is their central difference with
step 1e-35, whose error is below 1e-60. Each gradient is compared with a difference of its own value first. One file
for each workload, one line for each entry of H·v, variables by rows: the entry as the nearest f64, and what is left
of it, as an f64 too.

    python benches/data/references.py [NAME ...]     # writes references/NAME.txt; a few minutes
"""
import os
import sys

import numpy as np
from mpmath import mp, mpf

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "rivals"))
import workloads as w  # noqa: E402

mp.dps = 120
STEP = mpf(10) ** -35
exp, log, tanh = (np.frompyfunc(f, 1, 1) for f in (mp.exp, mp.log, mp.tanh))
sin, cos = np.frompyfunc(mp.sin, 1, 1), np.frompyfunc(mp.cos, 1, 1)


def precise(a):
    return np.vectorize(lambda x: mpf(float(x)), otypes=[object])(a)


def softmax():
    a, one_hot = (precise(s) for s in w.samples())
    t, v = w.NETWORKS["softmax"]

    def value_and_gradient(t):
        e = exp(a @ t[:640].reshape(64, 10) + t[640:])
        total = e.sum(1)
        value = (log(total).sum() - (log(e) * one_hot).sum()) / 256
        g = (e / total[:, None] - one_hot) / 256
        return value, np.concatenate([(a.T @ g).ravel(), g.sum(0)])
    return value_and_gradient, t, v[0]


def mlp():
    a, one_hot = (precise(s) for s in w.samples())
    t, v = w.NETWORKS["mlp"]

    def value_and_gradient(t):
        w1, b1, w2, b2 = t[:4096].reshape(64, 64), t[4096:4160], t[4160:4800].reshape(64, 10), t[4800:]
        h = tanh(a @ w1 + b1)
        e = exp(h @ w2 + b2)
        total = e.sum(1)
        value = (log(total).sum() - (log(e) * one_hot).sum()) / 256
        g = (e / total[:, None] - one_hot) / 256
        d = g @ w2.T * (1 - h * h)
        return value, np.concatenate([(a.T @ d).ravel(), d.sum(0), (h.T @ g).ravel(), g.sum(0)])
    return value_and_gradient, t, v[0]


def small():
    data, target, t = w.SMALL
    a, target = precise(data), precise(target)

    def value_and_gradient(t):
        w1, b1, w2, b2 = t[:128].reshape(8, 16), t[128:144], t[144:160], t[160]
        h = tanh(a @ w1 + b1)
        r = h @ w2 + b2 - target
        value, r = (r * r).sum() / 256, r / 128
        d = r[:, None] * w2 * (1 - h * h)
        return value, np.concatenate([(a.T @ d).ravel(), d.sum(0), h.T @ r, [r.sum()]])
    return value_and_gradient, t, w.symmetric(224, 161)


def mixture():
    d, k, n, t, x, gamma, m, v = w.mixture()
    x, gamma, m = precise(x), mpf(float(gamma)), mpf(float(m))
    columns, rows = np.triu_indices(d, 1)  # below the diagonal, column by column

    def value_and_gradient(t):
        alpha, mu, icf = t[:k], t[k:k + k * d].reshape(k, d), t[k + k * d:].reshape(k, -1)
        q, low = icf[:, :d], icf[:, d:]
        main, centred, scaled, factors = [], [], [], []
        for c in range(k):
            factor = precise(np.zeros((d, d)))
            factor[rows, columns] = low[c]
            factor[range(d), range(d)] = exp(q[c])
            factors.append(factor)
            centred.append(x - mu[c])
            scaled.append(centred[c] @ factor.T)
            main.append(alpha[c] + q[c].sum() - (scaled[c] * scaled[c]).sum(1) / 2)
        e = exp(np.array(main))  # components by samples
        total, weights = e.sum(0), exp(alpha)
        value = log(total).sum() - n * log(weights.sum())
        value += gamma**2 / 2 * ((exp(q) ** 2).sum() + (low * low).sum()) - m * q.sum()
        share = e / total
        g_alpha = share.sum(1) - n * weights / weights.sum()
        g_mu, g_icf = [], []
        for c in range(k):
            weighted = share[c][:, None] * scaled[c]
            g_mu.append(weighted.sum(0) @ factors[c])
            outer = weighted.T @ centred[c]
            g_q = share[c].sum() - np.diag(outer) * exp(q[c]) + gamma**2 * exp(q[c]) ** 2 - m
            g_icf.append(np.concatenate([g_q, gamma**2 * low[c] - outer[rows, columns]]))
        return value, np.concatenate([g_alpha, *g_mu, *g_icf])
    return value_and_gradient, t, v


def process():
    x, y, t, v = w.process(200)
    squares, y, n = precise((x[:, None] - x[None]) ** 2), precise(y), len(y)

    def value_and_gradient(t):
        scales = exp(-2 * t[:8])
        kernel = exp(2 * t[8] - squares @ scales / 2)
        k = kernel + np.diag([mp.exp(2 * t[9])] * n)
        inverse, determinant = gauss_jordan(k)
        solved = inverse @ y
        value = (y @ solved + mp.log(determinant)) / 2
        d = inverse - np.outer(solved, solved)  # twice the derivative in K
        dk = d * kernel
        lengths = [(dk * squares[:, :, i]).sum() * scales[i] / 2 for i in range(8)]
        return value, np.array([*lengths, dk.sum(), np.trace(d) * mp.exp(2 * t[9])], dtype=object)
    return value_and_gradient, t, v


def gauss_jordan(a):
    """Inverse and determinant of a positive definite matrix."""
    a, determinant, n = a.copy(), mpf(1), len(a)
    for p in range(n):
        pivot = a[p, p]
        determinant *= pivot
        row = a[p] / pivot
        column = a[:, p].copy()
        a -= np.outer(column, row)
        a[p] = row
        a[:, p] = -column / pivot
        a[p, p] = 1 / pivot
    return a, determinant


def rosenbrock():
    x, v = w.rosenbrock(20)

    def value_and_gradient(x):
        a, b = x[:-1], x[1:]
        r, g = b - a * a, np.array([mpf(0)] * len(x))
        g[:-1] = -400 * a * r + 2 * (a - 1)
        g[1:] += 200 * r
        return (100 * r * r + (1 - a) ** 2).sum(), g
    return value_and_gradient, x, v


def luksan_vlcek():
    x, y, v = w.luksan_vlcek(20)
    y = precise(y)

    def value_and_gradient(x):
        p, q, (a, b, c) = x[:-1], x[1:], (x[:-2], x[1:-1], x[2:])
        r, e, g = p * p - q, exp(a - b), np.array([mpf(0)] * len(x))
        constraint = 3 * b**3 + 2 * c - 5 + sin(b - c) * sin(b + c) + 4 * b - a * e - 3
        g[:-1] = 400 * p * r + 2 * (p - 1)
        g[1:] -= 200 * r
        g[:-2] -= y * e * (1 + a)
        g[1:-1] += y * (9 * b * b + 4 + sin(2 * b) + a * e)  # sin(b - c) sin(b + c) is sin² b - sin² c
        g[2:] += y * (2 - sin(2 * c))
        return (100 * r * r + (p - 1) ** 2).sum() + y @ constraint, g
    return value_and_gradient, x, v


def write(name):
    f, x, v = globals()[name]()
    x, v = precise(x), precise(v)
    (ahead, g_ahead), (back, g_back) = f(x + STEP * v), f(x - STEP * v)
    along = (g_ahead + g_back) @ v / 2
    assert abs((ahead - back) / (2 * STEP) - along) < mpf(10) ** -55 * (1 + abs(along)), "the gradient is wrong"
    with open(os.path.join(HERE, "references", f"{name}.txt"), "w") as file:
        for entry in (g_ahead - g_back) / (2 * STEP):
            near = float(entry)
            print(repr(near), repr(float(entry - mpf(near))), file=file)


for name in sys.argv[1:] or ["softmax", "mlp", "small", "mixture", "process", "rosenbrock", "luksan_vlcek"]:
    write(name)
    print(name, "written", flush=True)
