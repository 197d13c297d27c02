"""Inputs, timing and checksums for the drivers beside this file: the same numbers as hessite's `peers` binary.

A driver calls `case(workload, size, what, make, read)`: `make()` traces and compiles, and returns the function without
arguments that is timed; `read` puts its result into row order, untimed. Each case prints one line of JSON.
"""
import argparse
import json
import math
import os
import statistics
import time

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def uniform(seed, n):
    """The first n numbers of splitmix64 from state `seed`, in [0, 1)."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def symmetric(seed, *shape):
    return (2.0 * uniform(seed, int(np.prod(shape))) - 1.0).reshape(shape)


def matrices(n):
    """W1: the point (X, Y)."""
    return symmetric(101, n, n) / np.sqrt(n), symmetric(102, n, n) / np.sqrt(n)


def matrix_directions(n, k):
    return symmetric(103, k, n, n), symmetric(104, k, n, n)


def samples():
    """W2: features and the labels' unit vectors."""
    return symmetric(201, 256, 64), np.eye(10)[np.floor(10 * uniform(202, 256)).astype(int)]


NETWORKS = {"softmax": (0.1 * symmetric(203, 650), symmetric(204, 32, 650)),
            "mlp": (0.125 * symmetric(213, 4810), symmetric(214, 32, 4810))}
SMALL = symmetric(221, 128, 8), symmetric(222, 128), 0.5 * symmetric(223, 161)


def rosenbrock(n):
    return symmetric(301, n), symmetric(302, n)


def luksan_vlcek(n):
    """W6: point, multipliers, direction."""
    start = np.where(np.arange(n) % 2 == 0, -1.2, 1.0)
    return start + 0.1 * symmetric(601, n), symmetric(602, n - 2), symmetric(603, n)


def process(n):
    """W7: points, values, parameters, direction."""
    return symmetric(701, n, 8), symmetric(702, n), np.append(0.3 * symmetric(703, 8), (0.1, -1.0)), symmetric(704, 10)


def mixture():
    """W4: d, K, n, parameters, samples, gamma, m, direction."""
    with open(os.path.join(DATA, "gmm_d10_K5.txt")) as f:
        d, k, n = (int(t) for t in f.readline().split())
        v = np.array(f.read().split(), dtype=np.float64)
    p = k * (1 + d + d * (d + 1) // 2)
    return d, k, n, v[:p], v[p:p + n * d].reshape(n, d), v[-2], v[-1], symmetric(402, p)


def checksum(r):
    r = np.asarray(r, dtype=np.float64).ravel()
    return {"fro": float(np.sqrt(r @ r)), "e": [float(r[0]), float(r[r.size // 2]), float(r[-1])],
            "wsum": float(np.sum(r / (1.0 + np.arange(r.size) % 7)))}


def measure(f):
    """Wall and CPU seconds: at least 7 runs (3 if one takes over 10 s), up to 101 within a second. Runs shorter than
    50 us are timed several together, so that reading the clocks does not count."""
    # The machine, from its clock to its branch predictor, is warmed up before anything is timed.
    begin, one = time.perf_counter(), math.inf
    while one == math.inf or time.perf_counter() - begin < 0.02:
        start = time.perf_counter()
        f()
        one = min(one, time.perf_counter() - start)
    least, together = (3 if one > 10 else 7), min(1000, max(1, math.ceil(5e-5 / one)))
    wall, cpu, spent = [], [], 0.0
    while len(wall) < least or (spent < 1.0 and len(wall) < 101):
        start, used = time.perf_counter(), time.process_time()
        for _ in range(together):
            f()
        cpu.append((time.process_time() - used) / together)
        spent += time.perf_counter() - start
        wall.append((time.perf_counter() - start) / together)
    return wall, cpu


class Driver:
    def __init__(self, peer, version):
        arguments = argparse.ArgumentParser()
        arguments.add_argument("--threads", type=int, default=1)
        arguments.add_argument("--only", default="")
        arguments.add_argument("--checksums", action="store_true", help="no times: what ../data/checksums.jsonl holds")
        self.arguments = arguments.parse_args()
        self.peer, self.version = peer, version

    def wanted(self, workload, what, size):
        only = [o.split(":") for o in self.arguments.only.split(",") if o]
        own = (workload, what, str(size))
        return not only or any(all(a == b for a, b in zip(o, own)) for o in only)

    def case(self, workload, size, what, make, read=np.asarray, variant=""):
        if not self.wanted(workload, what, size):
            return
        line = {"workload": workload, "size": size, "what": what, "variant": variant}
        start = time.perf_counter()
        evaluate = make()
        result = evaluate()
        setup = time.perf_counter() - start
        line["checksum"] = checksum(read(result))
        if not self.arguments.checksums:
            wall, cpu = measure(evaluate)
            line.update(peer=self.peer, version=self.version, threads=self.arguments.threads, setup_s=setup,
                        eval_s_median=statistics.median(wall), cpu_s_median=statistics.median(cpu),
                        eval_s_min=min(wall), eval_s_max=max(wall), reps=len(wall))
        print(json.dumps(line), flush=True)
