#!/usr/bin/env python3
"""Compares `cargo xtask diff` with the tests of oasdiff, for BENCHMARKS.md.

usage: oasdiff.py XTASK CHECKOUT

CHECKOUT holds `checker` and `data` of oasdiff. A test counts if it opens two different OpenAPI 3.0 documents and edits
neither in its code. Expected are the check ids that the tests of a pair name and that spec/diff-kinds.md lists. A test
names only the ids of its own check, so a further id that we report is neither right nor wrong: precision is not measured.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

xtask, checkout = sys.argv[1], pathlib.Path(sys.argv[2])
kinds = pathlib.Path(__file__).parents[3] / "spec/diff-kinds.md"
listed = {m[1] for m in re.finditer(r"^\| `([a-z0-9-]+)` \| [a-z ]+ \| yes \|", kinds.read_text(), re.M)}
sources = {path.name: path.read_text() for path in sorted((checkout / "checker").glob("*.go"))}
ids = {m[1]: m[2] for text in sources.values() for m in re.finditer(r'^\s*(\w+)\s*=\s*"([a-z0-9-]+)"', text, re.M)}

pairs = collections.defaultdict(set)
for name, text in sources.items():
    for test in re.split(r"\nfunc ", text)[1:] if name.endswith("_test.go") else []:
        files = re.findall(r'open\("\.\./data/([^"]+)"\)', test)
        edited = re.search(r"s[12]\.Spec\.[^\n]*(=|\.Set)|delete\(|set\w+\(t, s[12]", test)
        if len(files) == 2 and files[0] != files[1] and not edited:
            named = {ids.get(constant) for constant in re.findall(r"checker\.(\w+)", test)}
            pairs[tuple(files)] |= named & listed


def prepared(path, folder, name):
    """The document with the members that `diff` requires of an official one. None if it is not OpenAPI 3.0."""
    document = yaml.safe_load(path.read_text())
    if not str(document.get("openapi", "")).startswith("3.0"):
        return None
    for member, value in {"servers": [], "security": [], "components": {}, "paths": {}}.items():
        document.setdefault(member, value)
    copy = pathlib.Path(folder) / name
    copy.write_text(json.dumps(document | {"openapi": "3.0.3"}, default=str))
    return copy


found, missed, count = collections.Counter(), collections.defaultdict(list), 0
for (old, new), expected in pairs.items():
    with tempfile.TemporaryDirectory() as folder:
        sides = [prepared(checkout / "data" / old, folder, "a"), prepared(checkout / "data" / new, folder, "b")]
        if None in sides or not expected:
            continue
        output = subprocess.run([xtask, "diff", *sides, "--format", "json"], capture_output=True, text=True)
    if not output.stdout:
        print(f"{old}: {output.stderr.strip()}")
        continue
    count += 1
    reported = {change["kind"] for change in json.loads(output.stdout)["changes"]}
    for kind in sorted(expected):
        if kind in reported:
            found[kind] += 1
        else:
            missed[kind].append(f"{old} ({', '.join(sorted(reported)) or 'nothing'})")

for kind in sorted(missed):
    print(f"{kind}: {found[kind]} of {found[kind] + len(missed[kind])}; missed in {'; '.join(missed[kind])}")
total, hits = found.total() + sum(map(len, missed.values())), found.total()
print(f"{count} pairs, {len(set(found) | set(missed))} kinds, recall {hits} of {total} = {hits / total:.2f}")
