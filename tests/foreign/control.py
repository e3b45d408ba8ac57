"""The emulator that a program here talks to: its address, its clock and what its clusters hold."""

import json
import os
import urllib.request

URL = os.environ["EMULATOR_URL"]
PROJECT = "32b6e34b3d91647abb20e7b8"
ORGANIZATION = "5e2211c17a3e5a48f5497de3"


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/control/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def advance(seconds):
    control("POST", "clock/advance", {"seconds": seconds})


def held(cluster, database, collection):
    """All documents of a collection as extended JSON."""
    path = f"data/{PROJECT}/{cluster}/{database}/{collection}?limit=10000"
    return control("GET", path)["documents"]


def collections(cluster):
    """Database and collection names."""
    described = control("GET", f"data/{PROJECT}/{cluster}")
    return [(d["name"], c["name"]) for d in described["databases"] for c in d["collections"]]


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: {str(found)[:300]} is not {str(expected)[:300]}")


def true(fact, what):
    if not fact:
        raise AssertionError(what)
