"""CasADi at its best: for each case the expression graph and the evaluator that were fastest of those tried.

'sx' is a graph of scalars, 'mx' one of matrices; 'C' is generated code compiled by gcc -O3 -march=native, else
CasADi's virtual machine runs it. Calls go through Function.buffer(), without a copy.
"""
import os
import tempfile

import casadi as ca
import numpy as np

import workloads as w

os.chdir(tempfile.mkdtemp())  # where generated C is left
driver = w.Driver("casadi", ca.__version__)


def evaluator(inputs, outputs, values, compiled):
    options = {"jit": True, "compiler": "shell",
               "jit_options": {"compiler": "gcc", "flags": ["-O3", "-march=native"], "verbose": False}}
    f = ca.Function("f", inputs, [ca.densify(o) for o in outputs], options if compiled else {})
    values = [np.ascontiguousarray(np.asarray(v, dtype=np.float64).ravel(order="F")) for v in values]
    results = [np.zeros(f.nnz_out(i)) for i in range(f.n_out())]
    buffer, run = f.buffer()
    for i, v in enumerate(values):
        buffer.set_arg(i, memoryview(v))
    for i, r in enumerate(results):
        buffer.set_res(i, memoryview(r))

    def evaluate(keep=(buffer, values)):
        run()
        return results
    return evaluate


def case(workload, size, what, make, variant, read=lambda r: r[0]):
    """`make()` gives symbols, outputs and values; results are in column order until `read` turns them."""
    driver.case(workload, size, what, lambda: evaluator(*make(), variant.endswith("C")), read, variant)


def norm(x, y):
    return ca.norm_fro(ca.mtimes(x, ca.mtimes(x, y)))


def hvp(f, variables, directions):
    """Directional derivatives of the gradient, by one forward sweep of it."""
    gradient = ca.Function("g", variables, [ca.gradient(f, v) for v in variables])
    made = gradient(*variables)
    made = made if isinstance(made, (list, tuple)) else [made]
    return gradient.forward(1).call([*variables, *made, *directions])


def by_rows(n):
    return lambda r: np.concatenate([p.reshape(n, n, order="F").ravel() for p in r])


def w1():
    for n, variant in ((4, "sx C"), (8, "mx C"), (16, "mx"), (24, "mx")):
        symbol = ca.SX.sym if variant.startswith("sx") else ca.MX.sym

        def order(r):
            turned = np.arange(n * n).reshape(n, n).ravel(order="F")  # of a transposition its own inverse
            return r[0].reshape(n * n, n * n, order="F")[np.ix_(turned, turned)]

        def make(mixed):
            x, y = symbol("x", n, n), symbol("y", n, n)
            first = ca.vec(ca.gradient(norm(x, y), x if mixed else y))
            return [x, y], [ca.jacobian(first, y)], w.matrices(n)
        case("W1", n, "hess_YY", lambda: make(False), variant, order)
        case("W1", n, "hess_XY", lambda: make(True), variant, order)
    for n in (16, 64):
        def products():
            x, y, vx, vy = (ca.MX.sym(name, n, n) for name in ("x", "y", "vx", "vy"))
            d = w.matrix_directions(n, 1)
            return [x, y, vx, vy], hvp(norm(x, y), [x, y], [vx, vy]), [*w.matrices(n), d[0][0], d[1][0]]
        case("W1", n, "hvp", products, "mx C", by_rows(n))


def row_major(t, start, rows, columns):
    return ca.reshape(t[start:start + rows * columns], columns, rows).T


def layer(a, t, start, inputs, outputs):
    b = start + inputs * outputs
    return ca.mtimes(a, row_major(t, start, inputs, outputs)) + ca.repmat(t[b:b + outputs].T, a.shape[0], 1)


def softmax(z, one_hot):
    return ca.sum1(ca.log(ca.sum2(ca.exp(z))) - ca.sum2(z * one_hot)) / z.shape[0]


def w2():
    a, one_hot = w.samples()
    for name, (t0, v0) in w.NETWORKS.items():
        def make():
            t, v = ca.MX.sym("t", t0.size), ca.MX.sym("v", t0.size)
            data, labels = ca.MX(ca.DM(a)), ca.MX(ca.DM(one_hot))
            hidden = ca.tanh(layer(data, t, 0, 64, 64)) if name == "mlp" else data
            z = layer(hidden, t, 4160 if name == "mlp" else 0, 64, 10)
            return [t, v], hvp(softmax(z, labels), [t], [v]), [t0, v0[0]]
        case("W2", name, "hvp", make, "mx")

    def small():
        data, target, t0 = w.SMALL
        t = ca.MX.sym("t", 161)
        f = ca.mtimes(ca.tanh(layer(ca.MX(ca.DM(data)), t, 0, 8, 16)), t[144:160]) + t[160]
        return [t], [ca.hessian(0.5 * ca.sumsqr(f - target) / 128.0, t)[0]], [t0]
    case("W2", "small", "hess", small, "mx")


def chains():
    def rosenbrock(n, symbol):
        x, v = symbol("x", n), symbol("v", n)
        a, b = x[:n - 1], x[1:]
        return [x, v], hvp(100.0 * ca.sumsqr(b - a * a) + ca.sumsqr(1.0 - a), [x], [v]), w.rosenbrock(n)

    def luksan_vlcek(n):
        x0, y0, v0 = w.luksan_vlcek(n)
        x, v, y = ca.MX.sym("x", n), ca.MX.sym("v", n), ca.MX(ca.DM(y0))
        a, b, c = x[:n - 2], x[1:n - 1], x[2:]
        constraint = 3 * b**3 + 2 * c - 5 + ca.sin(b - c) * ca.sin(b + c) + 4 * b - a * ca.exp(a - b) - 3
        p, q = x[:n - 1], x[1:]
        f = 100.0 * ca.sumsqr(p * p - q) + ca.sumsqr(p - 1.0) + ca.dot(y, constraint)
        return [x, v], hvp(f, [x], [v]), [x0, v0]
    case("W3", 1000, "hvp", lambda: rosenbrock(1000, ca.SX.sym), "sx C")
    for n in (100000, 1000000):
        case("W3", n, "hvp", lambda: rosenbrock(n, ca.MX.sym), "mx")
    for n in (10000, 100000):
        case("W6", n, "hvp", lambda: luksan_vlcek(n), "mx")


def w4():
    d, k, n, t0, x0, gamma, m, v0 = w.mixture()
    size = d * (d + 1) // 2

    def logsumexp(x):
        top = ca.mmax(x)
        return ca.log(ca.sum1(ca.exp(x - top))) + top

    def factors(t, q):
        start = k + k * d + q * size
        return t[start:start + d], t[start + d:start + size]

    def sample(t, x):
        terms = []
        for q in range(k):
            diagonal, low = factors(t, q)
            centred = x - t[k + q * d:k + (q + 1) * d]
            z = [ca.exp(diagonal[i]) * centred[i] for i in range(d)]
            for p, (i, j) in enumerate(zip(*np.triu_indices(d, 1))):
                z[j] += low[p] * centred[int(i)]
            terms.append(t[q] + ca.sum1(diagonal) - 0.5 * ca.sumsqr(ca.vertcat(*z)))
        return logsumexp(ca.vertcat(*terms))

    def rest(t):
        out = -n * logsumexp(t[:k])
        for q in range(k):
            diagonal, low = factors(t, q)
            out += 0.5 * gamma**2 * (ca.sumsqr(ca.exp(diagonal)) + ca.sumsqr(low)) - m * ca.sum1(diagonal)
        return out

    def make(second):
        t, x, v = ca.SX.sym("t", t0.size), ca.SX.sym("x", d), ca.SX.sym("v", t0.size)
        one = ca.Function("one", [t, v, x], [ca.densify(second(sample(t, x), t, v))])
        other = ca.Function("other", [t, v], [ca.densify(second(rest(t), t, v))])
        t, v, x = ca.MX.sym("t", t0.size), ca.MX.sym("v", t0.size), ca.MX.sym("x", d, n)
        total = one.map("sum", "serial", n, [0, 1], [0])(t, v, x) + other(t, v)
        return [t, v, x], [total], [t0, v0, x0.T]
    case("W4", "d10k5n1000", "hvp", lambda: make(lambda f, t, v: ca.jtimes(ca.gradient(f, t), t, v)), "map C")
    case("W4", "d10k5n1000", "hess", lambda: make(lambda f, t, v: ca.hessian(f, t)[0]), "map")


for part in (w1, w2, chains, w4):
    part()
