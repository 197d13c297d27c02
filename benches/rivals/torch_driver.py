"""PyTorch on the CPU through torch.func: forward over reverse, directions by vmap.

Each case runs as it is ('eager') and compiled by inductor ('compile', which needs a C++ compiler); the faster one counts,
and one that PyTorch refuses is told and left out.
"""
import sys

import numpy as np
import torch
from torch.func import grad, hessian, jacfwd, jvp, vmap

import workloads as w

driver = w.Driver("torch", torch.__version__)
torch.set_num_threads(driver.arguments.threads)
torch.set_default_dtype(torch.float64)


def tensors(args):
    return [torch.as_tensor(np.ascontiguousarray(a)) for a in args]


def read(r):
    """Of each direction one variable after the other."""
    return np.stack([p.numpy() for p in r], axis=-3) if isinstance(r, tuple) else r.numpy()


def case(workload, size, what, f, args, inductor=True):
    args = tensors(args)

    def compiled():
        torch._dynamo.reset()
        g = torch.compile(f, fullgraph=True)
        return lambda: g(*args)
    variants = [("eager", lambda: lambda: f(*args)), ("compile", compiled)]
    for variant, make in variants if inductor else variants[:1]:
        try:
            driver.case(workload, size, what, make, read, variant)
        except Exception as e:  # what inductor refuses has many types
            print(f"torch, {workload} {size} {what}, {variant}: {str(e).splitlines()[0]}", file=sys.stderr)


def hvp(f, x, v):
    return jvp(grad(f), (x,), (v,))[1]


def norm(x, y):
    return torch.linalg.norm(x @ (x @ y))


def both(x, y, vx, vy):
    return jvp(grad(norm, (0, 1)), (x, y), (vx, vy))[1]


def w1():
    for n in (4, 8, 16, 24):
        for what, first in (("hess_YY", 1), ("hess_XY", 0)):
            case("W1", n, what, jacfwd(grad(norm, first), 1), w.matrices(n))
    for n in (16, 64, 256, 512):
        vx, vy = w.matrix_directions(n, 1)
        case("W1", n, "hvp", both, (*w.matrices(n), vx[0], vy[0]))
    many = vmap(both, (None, None, 0, 0))
    case("W1", 128, "hvp32", many, (*w.matrices(128), *w.matrix_directions(128, 32)))


def network(name, t, a, one_hot):
    if name == "mlp":
        a, t = torch.tanh(a @ t[:4096].reshape(64, 64) + t[4096:4160]), t[4160:]
    z = a @ t[:640].reshape(64, 10) + t[640:]
    return torch.mean(torch.logsumexp(z, 1) - torch.sum(z * one_hot, 1))


def small(t, a, target):
    f = torch.tanh(a @ t[:128].reshape(8, 16) + t[128:144]) @ t[144:160] + t[160]
    return 0.5 * torch.mean((f - target) ** 2)


def w2():
    a, one_hot = w.samples()
    for name, (t, v) in w.NETWORKS.items():
        def product(t, v, a, one_hot, name=name):
            return hvp(lambda t: network(name, t, a, one_hot), t, v)
        case("W2", name, "hvp", product, (t, v[0], a, one_hot))
        case("W2", name, "hvp32", vmap(product, (None, 0, None, None)), (t, v, a, one_hot))
    a, target, t = w.SMALL
    case("W2", "small", "hess", hessian(small), (t, a, target))


def rosenbrock(x):
    return torch.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def luksan_vlcek(x, y):
    a, b, c = x[:-2], x[1:-1], x[2:]
    constraint = 3 * b**3 + 2 * c - 5 + torch.sin(b - c) * torch.sin(b + c) + 4 * b - a * torch.exp(a - b) - 3
    return torch.sum(100.0 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1.0) ** 2) + y @ constraint


def chains():
    for n in (1000, 100000, 1000000):
        case("W3", n, "hvp", lambda x, v: hvp(rosenbrock, x, v), w.rosenbrock(n))
    for n in (10000, 100000):
        case("W6", n, "hvp", lambda x, y, v: hvp(lambda x: luksan_vlcek(x, y), x, v), w.luksan_vlcek(n))


def w4():
    d, k, n, t, x, gamma, m, v = w.mixture()
    columns, rows = np.triu_indices(d, 1)  # below the diagonal, column by column
    place = np.full((d, d), len(rows))  # of the entries of Q among those below the diagonal and a zero
    place[rows, columns] = np.arange(len(rows))
    place, gamma, m = torch.as_tensor(place), float(gamma), float(m)

    def f(t, x):
        alpha, mu, icf = t[:k], t[k:k + k * d].reshape(k, d), t[k + k * d:].reshape(k, -1)
        q, low = icf[:, :d], icf[:, d:]
        factor = torch.cat([low, torch.zeros(k, 1)], 1)[:, place] + torch.diag_embed(torch.exp(q))
        z = torch.einsum("kij,nkj->nki", factor, x[:, None] - mu)
        likelihood = torch.logsumexp(alpha + q.sum(1) - 0.5 * torch.sum(z * z, -1), 1)
        prior = 0.5 * gamma**2 * (torch.sum(torch.exp(2 * q)) + torch.sum(low**2)) - m * torch.sum(q)
        return torch.sum(likelihood) - n * torch.logsumexp(alpha, 0) + prior

    def product(t, v, x):
        return hvp(lambda t: f(t, x), t, v)
    case("W4", "d10k5n1000", "hvp", product, (t, v, x))
    chunks = vmap(product, (None, 0, None), chunk_size=33)
    # inductor unrolls the chunks, which takes minutes.
    case("W4", "d10k5n1000", "hess", lambda t, unit, x: chunks(t, unit, x), (t, np.eye(t.size), x), inductor=False)


def w7():
    x, y, t, v = w.process(200)
    squares, y = tensors(((x[:, None] - x[None]) ** 2, y))

    def f(t, squares, y):
        k = torch.exp(2 * t[8] - 0.5 * squares @ torch.exp(-2 * t[:8])) + torch.exp(2 * t[9]) * torch.eye(len(y))
        factor = torch.linalg.cholesky(k)
        half = torch.linalg.solve_triangular(factor, y[:, None], upper=False)[:, 0]
        return 0.5 * half @ half + torch.sum(torch.log(torch.diagonal(factor)))
    case("W7", 200, "hvp", lambda t, v, s, y: hvp(lambda t: f(t, s, y), t, v), (t, v, squares, y))
    case("W7", 200, "hess", hessian(f), (t, squares, y))


for part in (w1, w2, chains, w4, w7):
    part()
