"""Writes functions.txt: correctly rounded values of the elementary functions, computed with 50 digits (mpmath).

    python3 functions_reference.py > functions.txt

Each line: function, bits of the argument, bits of the nearest double of the value, and how far the value lies from
that double, in units of its last place.
"""

import random
import struct

from mpmath import mp, mpf

mp.dps = 50
rng = random.Random(20240607)


def uniform(low, high, count=8):
    return [rng.uniform(low, high) for _ in range(count)]


def magnitudes(low, high, signs=(-1, 1), count=8):
    """Uniform in the logarithm, between powers of ten."""
    return [rng.choice(signs) * 10 ** rng.uniform(low, high) for _ in range(count)]


def around(c, count=6):
    return [c * (1 + s * 10 ** rng.uniform(-15, -2)) for s in (-1, 1) for _ in range(count // 2)]


def multiples(c, count=6):
    """Nearest doubles of multiples of c: the worst case of an argument reduction."""
    return [float(c * rng.randrange(1, 600_000)) for _ in range(count)] + [float(c), float(2 * c), float(3 * c)]


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


SUBNORMAL = [-3e-310, 5e-324]
TINY = magnitudes(-300, -5, count=4)
ANGLES = uniform(-1, 1) + uniform(-20, 20) + uniform(-1e6, 1e6) + uniform(1e6, 1e15, 3) + multiples(mp.pi / 2) + TINY
UNIT = uniform(-1, 1) + TINY + SUBNORMAL
POSITIVE = around(1.0) + uniform(0, 10) + magnitudes(-300, 300, (1,)) + [3e-310, 5e-324]

FUNCTIONS = {
    "exp": (mp.exp, UNIT + uniform(-700, 709) + uniform(-745, -708) + uniform(709, 709.7, 3)),
    "exp_m1": (mp.expm1, UNIT + uniform(-40, 40) + uniform(-800, 709) + uniform(709, 709.7, 3)),
    "ln": (mp.log, POSITIVE),
    "ln_1p": (mp.log1p, UNIT + uniform(0, 10) + magnitudes(1, 308, (1,)) + [-1 + 1e-10, -1 + 2**-53]),
    "sin": (mp.sin, ANGLES + SUBNORMAL),
    "cos": (mp.cos, ANGLES + SUBNORMAL),
    "tan": (mp.tan, ANGLES + SUBNORMAL),
    "tanh": (mp.tanh, UNIT + uniform(-22, 22, 16) + [800.0, -800.0]),
    "sinh": (mp.sinh, UNIT + uniform(-22, 22) + uniform(-710, 710) + [710.4, -709.9]),
    "cosh": (mp.cosh, UNIT + uniform(-22, 22) + uniform(-710, 710) + [710.4, -709.9]),
    "sigmoid": (sigmoid, UNIT + uniform(-40, 40) + uniform(-745, -700)),
    "softplus": (softplus, UNIT + uniform(-40, 40) + uniform(-745, -700) + [800.0]),
    "erf": (mp.erf, UNIT + uniform(-6.5, 6.5, 16) + around(1.0) + [30.0]),
    "erfc": (mp.erfc, UNIT + uniform(-6, 26, 16)),
    "sqrt": (mp.sqrt, POSITIVE),
    "recip": (lambda x: 1 / x, uniform(-1, 1) + magnitudes(-300, 300)),
    "atan": (mp.atan, UNIT + magnitudes(-3, 20)),
    "asin": (mp.asin, UNIT),
    "acos": (mp.acos, UNIT),
    "asinh": (mp.asinh, UNIT + magnitudes(-3, 300)),
    "acosh": (mp.acosh, [1 + v for v in magnitudes(-15, 2, (1,))] + magnitudes(1, 300, (1,))),
    "atanh": (mp.atanh, UNIT + [1 - 2**-53, 2**-40 - 1]),
    "log2": (lambda x: mp.log(x) / mp.log(2), POSITIVE + [8.0, 2.0**-1000]),
    "log10": (mp.log10, POSITIVE),
    "cbrt": (mp.cbrt, POSITIVE),
    "sech_squared": (lambda x: mp.sech(x) ** 2, UNIT + uniform(-22, 22, 16) + uniform(-372, 372) + [-373.5, 400.0]),
}


def bits(x):
    return struct.pack(">d", x).hex()


def ulp(value):
    _, exponent = mp.frexp(abs(value))
    return mpf(2) ** max(int(exponent) - 53, -1074)


for name, (f, arguments) in FUNCTIONS.items():
    for x in arguments:
        exact = f(mpf(x))
        nearest = float(exact)
        print(name, bits(x), bits(nearest), mp.nstr((exact - mpf(nearest)) / ulp(mpf(nearest)), 3))
