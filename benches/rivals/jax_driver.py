"""JAX on the CPU at its best: compiled ahead of time, forward over reverse, directions by vmap.

`hvp_lin` is `jax.linearize` of the gradient, compiled: the point part is set-up.
"""
import os

os.environ["JAX_PLATFORMS"] = "cpu"
if os.environ.get("OMP_NUM_THREADS") == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import jax.scipy as jsp
import numpy as np

import workloads as w

driver = w.Driver("jax", jax.__version__)


def compiled(f, *args):
    args = jax.tree.map(jnp.asarray, args)
    run = jax.jit(f).lower(*args).compile()
    return lambda: jax.block_until_ready(run(*args))


def both(r):
    """Of each direction the part of X, then that of Y."""
    return np.stack([np.asarray(part) for part in r], axis=-3)


def hvp(f, x, v):
    return jax.jvp(jax.grad(f), (x,), (v,))[1]


def hvps(f, x, directions):
    return jax.vmap(lambda v: hvp(f, x, v))(directions)


def linear(f, x, v):
    _, map_ = jax.linearize(jax.grad(f), jax.tree.map(jnp.asarray, x))
    run, v = jax.jit(map_), jax.tree.map(jnp.asarray, v)
    return lambda: jax.block_until_ready(run(v))


def products(workload, size, f, x, v, read=np.asarray):
    driver.case(workload, size, "hvp", lambda: compiled(lambda x, v: hvp(f, x, v), x, v), read)
    driver.case(workload, size, "hvp_lin", lambda: linear(f, x, v), read)


def norm(p):
    return jnp.linalg.norm(p[0] @ (p[0] @ p[1]))


def w1():
    for n in (4, 8, 16, 24):
        for what, first in (("hess_YY", 1), ("hess_XY", 0)):
            second = jax.jacfwd(jax.grad(lambda x, y: norm((x, y)), first), 1)
            driver.case("W1", n, what, lambda: compiled(second, *w.matrices(n)))
    for n in (16, 64, 256, 512):
        vx, vy = w.matrix_directions(n, 1)
        products("W1", n, norm, w.matrices(n), (vx[0], vy[0]), both)
    x, v = w.matrices(128), w.matrix_directions(128, 32)
    driver.case("W1", 128, "hvp32", lambda: compiled(lambda x, v: hvps(norm, x, v), x, v), both)


def softmax(z, one_hot):
    return jnp.mean(jsp.special.logsumexp(z, 1) - jnp.sum(z * one_hot, 1))


def network(name, t, a, one_hot):
    if name == "mlp":
        a, t = jnp.tanh(a @ t[:4096].reshape(64, 64) + t[4096:4160]), t[4160:]
    return softmax(a @ t[:640].reshape(64, 10) + t[640:], one_hot)


def small(t, a, target):
    f = jnp.tanh(a @ t[:128].reshape(8, 16) + t[128:144]) @ t[144:160] + t[160]
    return 0.5 * jnp.mean((f - target) ** 2)


def w2():
    a, one_hot = (jnp.asarray(s) for s in w.samples())
    for name, (t, v) in w.NETWORKS.items():
        f = lambda t, name=name: network(name, t, a, one_hot)
        products("W2", name, f, t, v[0])
        driver.case("W2", name, "hvp32", lambda: compiled(lambda t, v: hvps(f, t, v), t, v))
    a, target, t = w.SMALL
    driver.case("W2", "small", "hess", lambda: compiled(jax.hessian(small), t, a, target))


def rosenbrock(x):
    return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def luksan_vlcek(x, y):
    a, b, c = x[:-2], x[1:-1], x[2:]
    constraint = 3 * b**3 + 2 * c - 5 + jnp.sin(b - c) * jnp.sin(b + c) + 4 * b - a * jnp.exp(a - b) - 3
    return jnp.sum(100.0 * (x[:-1] ** 2 - x[1:]) ** 2 + (x[:-1] - 1.0) ** 2) + y @ constraint


def chains():
    for n in (1000, 100000, 1000000):
        driver.case("W3", n, "hvp", lambda: compiled(lambda x, v: hvp(rosenbrock, x, v), *w.rosenbrock(n)))
    for n in (10000, 100000):
        f = lambda x, y, v: hvp(lambda x: luksan_vlcek(x, y), x, v)
        driver.case("W6", n, "hvp", lambda: compiled(f, *w.luksan_vlcek(n)))


def w4():
    d, k, n, t, x, gamma, m, v = w.mixture()
    columns, rows = np.triu_indices(d, 1)  # below the diagonal, column by column

    def f(t, x):
        alpha, mu, icf = t[:k], t[k:k + k * d].reshape(k, d), t[k + k * d:].reshape(k, -1)
        q, low = icf[:, :d], icf[:, d:]
        factor = jnp.zeros((k, d, d)).at[:, rows, columns].set(low) + jax.vmap(jnp.diag)(jnp.exp(q))
        z = jnp.einsum("kij,nkj->nki", factor, x[:, None] - mu)
        likelihood = jsp.special.logsumexp(alpha + q.sum(1) - 0.5 * jnp.sum(z * z, -1), 1)
        prior = 0.5 * gamma**2 * (jnp.sum(jnp.exp(2 * q)) + jnp.sum(low**2)) - m * jnp.sum(q)
        return jnp.sum(likelihood) - n * jsp.special.logsumexp(alpha) + prior

    driver.case("W4", "d10k5n1000", "hvp", lambda: compiled(lambda t, v, x: hvp(lambda t: f(t, x), t, v), t, v, x))
    chunks = lambda t, x, unit: jax.lax.map(lambda v: hvp(lambda t: f(t, x), t, v), unit, batch_size=11)
    driver.case("W4", "d10k5n1000", "hess", lambda: compiled(chunks, t, x, np.eye(t.size)), variant="chunks of 11")


def w7():
    x, y, t, v = w.process(200)
    # Differences once, or products of the scaled points: the faster one counts.
    squares = (x[:, None] - x[None]) ** 2

    def kernel(t, differences):
        if differences:
            distances = jnp.asarray(squares) @ jnp.exp(-2 * t[:8])
        else:
            z = x * jnp.exp(-t[:8])
            norms = jnp.sum(z * z, 1)
            distances = norms[:, None] + norms - 2 * z @ z.T
        return jnp.exp(2 * t[8] - 0.5 * distances) + jnp.exp(2 * t[9]) * jnp.eye(len(y))

    for variant, differences in (("squared differences", True), ("products", False)):

        def f(t):
            factor = jnp.linalg.cholesky(kernel(t, differences))
            half = jsp.linalg.solve_triangular(factor, y, lower=True)
            return 0.5 * half @ half + jnp.sum(jnp.log(jnp.diag(factor)))

        driver.case("W7", 200, "hvp", lambda: compiled(lambda t, v: hvp(f, t, v), t, v), variant=variant)
        driver.case("W7", 200, "hvp_lin", lambda: linear(f, t, v), variant=variant)
        driver.case("W7", 200, "hess", lambda: compiled(jax.hessian(f), t), variant=variant)


for part in (w1, w2, chains, w4, w7):
    part()
