"""Prints lines of JSON as a table in Markdown: CPU milliseconds per evaluation, and hessite's share of the best rival.

Before that, checksums are compared: a relative difference from hessite's over 1e-9, of an entry no smaller than a
thousandth of the norm, is told and counted. Lines of one peer, case and variant are rounds of it; their median is taken,
and the fastest variant counts.
"""
import json
import statistics
import sys

cases, names = {}, []
for path in sys.argv[1:]:
    for line in open(path):
        r = json.loads(line)
        case = (r["workload"], str(r["size"]), r["what"])
        cases.setdefault(case, {}).setdefault(r["peer"], []).append(r)
        if r["peer"] not in names:
            names.append(r["peer"])


def numbers(r):
    c = r["checksum"]
    return [c["fro"], *c["e"], c["wsum"]]


bad = 0
for case, peers in cases.items():
    for peer, rounds in peers.items():
        for r in rounds:
            if "error" in r:
                print(f"{' '.join(case)}: {peer} failed: {r['error']}")
                bad += 1
            elif "hessite" in peers and "error" not in peers["hessite"][0]:
                reference = numbers(peers["hessite"][0])
                floor = 1e-3 * abs(reference[0])
                worst = max(abs(a - b) / max(abs(b), floor) for a, b in zip(numbers(r), reference))
                if not worst <= 1e-9:
                    print(f"{' '.join(case)}: {peer} differs by {worst:.1e}")
                    bad += 1
print(f"{bad} of {sum(len(r) for p in cases.values() for r in p.values())} lines differ or failed\n")


def milliseconds(rounds, field):
    """CPU time of one thread; of several threads the clock's, since theirs add up."""
    field = "eval_s_median" if field == "cpu_s_median" and rounds[0]["threads"] > 1 else field
    return 1e3 * statistics.median(r[field] for r in rounds if field in r)


for peers in cases.values():
    for peer, rounds in peers.items():
        variants = {}
        for r in rounds:
            variants.setdefault(r.get("variant"), []).append(r)
        measured = [v for v in variants.values() if any("cpu_s_median" in r for r in v)]
        peers[peer] = min(measured, key=lambda v: milliseconds(v, "cpu_s_median"), default=[])
for case in cases:
    cases[case] = {peer: rounds for peer, rounds in cases[case].items() if rounds}

rivals = [n for n in names if n != "hessite"]
print("| case | hessite | " + " | ".join(rivals) + " | ratio to the best | set-up ms: hessite | " + " | ".join(rivals) + " |")
print("|---|" + "---|" * (2 * len(rivals) + 3))
for case, peers in cases.items():
    if "hessite" not in peers:
        continue
    own = milliseconds(peers["hessite"], "cpu_s_median")
    times = {n: milliseconds(peers[n], "cpu_s_median") for n in rivals if n in peers}
    ratio = f"**{own / min(times.values()):.2f}**" if times else "–"
    cell = lambda n: f"{times[n]:.3g}" if n in times else "–"
    setup = [f"{milliseconds(peers[n], 'setup_s'):.3g}" if n in peers else "–" for n in ["hessite", *rivals]]
    print(f"| {' '.join(case)} | {own:.3g} | " + " | ".join(map(cell, rivals)) + f" | {ratio} | " + " | ".join(setup) + " |")
sys.exit(bool(bad))
