"""Prints the coefficients of src/dense/functions: minimax polynomials by the Remez exchange, with 60 digits (mpmath).

    python3 functions_coefficients.py
"""

from mpmath import cos, erf, erfc, expm1, floor, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sin, sqrt

mp.dps = 60


def remez(f, weight, low, high, degree, rounds=12, grid=1500):
    """The polynomial that makes the largest weight(t) |p(t) - f(t)| on [low, high] smallest, and that largest."""
    low, high = mpf(low), mpf(high)
    count = degree + 2

    def chebyshev(i, n):
        return (low + high) / 2 - (high - low) / 2 * cos(pi * i / n)

    nodes = [chebyshev(i, count - 1) for i in range(count)]
    table = [(t, f(t), weight(t)) for t in (chebyshev(i, grid) for i in range(grid + 1))]
    for _ in range(rounds):
        a, b = matrix(count, count), matrix(count, 1)
        for i, t in enumerate(nodes):
            for j in range(degree + 1):
                a[i, j] = t**j
            a[i, degree + 1] = (-1) ** i / weight(t)
            b[i] = f(t)
        c = list(lu_solve(a, b))[: degree + 1]
        errors = [(t, (polyval(c[::-1], t) - v) * w) for t, v, w in table]
        extrema = []  # the largest of each run of a sign
        for t, e in errors:
            if not extrema or (e > 0) != (extrema[-1][1] > 0):
                extrema.append((t, e))
            elif abs(e) > abs(extrema[-1][1]):
                extrema[-1] = (t, e)
        while len(extrema) > count:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        sizes = [abs(e) for _, e in extrema]
        if len(extrema) < count or max(sizes) / min(sizes) < 1.01:
            break
        nodes = [t for t, _ in extrema]
    return c, max(abs(e) for _, e in errors)


def show(name, result):
    coefficients, error = result
    print(f"{name}: error 2^{nstr(log(error, 2), 4)}")
    for c in coefficients:
        print(f"    {float(c)!r},")


# Where a quotient is 0 / 0 its series stands in, and a weight that would vanish there stays just above 0.
EPSILON = mpf(10) ** -12


def exponential(r):
    if abs(r) < mpf(10) ** -8:
        return mpf(1) / 6 + r / 24 + r * r / 120
    return (expm1(r) - r - r * r / 2) / r**3


def logarithm(z):
    if z < mpf(10) ** -9:
        return mpf(2) / 3 + 2 * z / 5 + 2 * z * z / 7
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def sine(z):
    if z < mpf(10) ** -9:
        return -mpf(1) / 6 + z / 120 - z * z / 5040
    r = sqrt(z)
    return (sin(r) - r) / (r * z)


def cosine(z):
    if z < mpf(10) ** -6:
        return mpf(1) / 24 - z / 720 + z * z / 40320 - z**3 / 3628800
    return (cos(sqrt(z)) - 1 + z / 2) / (z * z)


def erf_small(z):
    if z < mpf(10) ** -9:
        return 2 / sqrt(pi) * (1 - z / 3 + z * z / 10) - 1
    return erf(sqrt(z)) / sqrt(z) - 1


# The intervals are a little wider than needed: an argument reduction may round to just beyond.
WIDER = mpf("1.0005")
half_ln_2 = log(2) / 2 * mpf("1.001")
show("exponential", remez(exponential, lambda r: abs(r) ** 3 + EPSILON, -half_ln_2, half_ln_2, 8))
s_max = (sqrt(2) - 1) / (sqrt(2) + 1)
show("logarithm", remez(logarithm, lambda z: z + EPSILON, 0, s_max**2 * WIDER, 6))
show("logistic", remez(logarithm, lambda z: z + EPSILON, 0, WIDER / 9, 9))
z_max = (pi / 4) ** 2 * WIDER
show("sin", remez(sine, lambda z: z + EPSILON, 0, z_max, 5))
show("cos", remez(cosine, lambda z: z * z + EPSILON, 0, z_max, 5))
show("erf below 1", remez(erf_small, lambda z: 1 / (1 + erf_small(z)), 0, mpf("1.001"), 11))
show("erf from 1", remez(lambda t: log(erfc(1 + t)), lambda t: erfc(1 + t) / erf(1 + t), 0, 5, 18))

rest = pi / 2
print("π/2 in parts of 33 bits, and the rest:")
for _ in range(3):
    unit = mpf(2) ** (floor(log(rest, 2)) - 32)
    part = floor(rest / unit) * unit
    print(f"    {float(part)!r},")
    rest -= part
print(f"    {float(rest)!r},")
