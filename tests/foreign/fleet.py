"""DuckDB reads what the parts of a fleet print as one table; the commands and queries are those of docs/fleets.md, run as
they stand there, and the Kubernetes manifest beside it is held to its schema and its command run for each index."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import duckdb
import kubernetes_validate
import yaml

from control import URL, advance, control, equal, true

PROGRAM = sys.argv[1]
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
MANIFEST = DOCS / "kubernetes/fleet-snapshots-job.yaml"
PROJECTS, CLUSTERS, SNAPSHOTS = 7, 2, 30
ENVIRONMENT = {
    "PATH": f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}",
    "MONGODB_ATLAS_BASE_URL": URL,
    "MONGODB_ATLAS_CLIENT_ID": "mdb_sa_id_1",
    "MONGODB_ATLAS_CLIENT_SECRET": "mdb_sa_sk_1",
}


def blocks(language):
    """The code blocks of the page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / "fleets.md").read_text(), re.M | re.S)


def run(command, folder, input=None, **more):
    environment = {**ENVIRONMENT, "XDG_CACHE_HOME": str(folder / "cache"), **more}
    return subprocess.run(command, cwd=folder, env=environment, input=input, capture_output=True, text=True, timeout=120)


def atlas_backup(*arguments, folder, input=None):
    done = run([PROGRAM, *arguments], folder, input)
    equal(done.returncode, 0, f"{arguments}: {done.stderr}")
    return done.stdout


def with_flex(folder):
    """Adds to one project a flex cluster with daily snapshots, whose fields are others; their number."""
    project = json.loads(atlas_backup("projects", "list", "-o", "json", folder=folder))[0]["id"]
    body = {"name": "Flex0", "providerSettings": {"backingProviderName": "AWS", "regionName": "US_EAST_1"}}
    create = ["api", "flexClusters", "createFlexCluster", "--groupId", project]
    atlas_backup(*create, folder=folder, input=json.dumps(body))
    advance(3 * 86400)
    # From here on nothing changes by itself.
    control("PUT", "clock", {"scale": 0})
    listed = atlas_backup("snapshots", "list", "Flex0", "--project", project, "-o", "json", folder=folder)
    return len(json.loads(listed))


def table(folder):
    """A database with the view of the page, over the files in `folder`."""
    database = duckdb.connect()
    database.execute(f"SET file_search_path = '{folder}'")
    view, *queries = blocks("sql")
    database.execute(view)
    return database, queries


ROWS = "SELECT * REPLACE (epoch_ms(completed_at) AS completed_at, epoch_ms(expires_at) AS expires_at) FROM snapshots ORDER BY ALL"


def check_table(folder, whole, flex):
    database, (ages, kept, twice) = table(folder)
    types = dict(database.execute("SELECT column_name, column_type FROM (DESCRIBE snapshots)").fetchall())
    expected = {name: "VARCHAR" for name in ("project", "cluster", "id", "kind", "status")}
    expected |= {"completed_at": "TIMESTAMP WITH TIME ZONE", "expires_at": "TIMESTAMP WITH TIME ZONE", "bytes": "BIGINT"}
    equal(types, expected, "columns")
    rows = database.execute(ROWS).fetchall()
    expected = sorted(
        (
            line["project"], line["cluster"], line["id"], line.get("type", "flex"), line["status"].lower(),
            milliseconds(line.get("createdAt") or line.get("finishTime")),
            milliseconds(line.get("expiresAt") or line.get("expiration")),
            line.get("storageSizeBytes"),
        )
        for line in whole
    )
    equal(sorted(rows, key=lambda row: row[2]), sorted(expected, key=lambda row: row[2]), "rows")
    equal(len([row for row in rows if row[3] == "flex" and row[7] is None]), flex, "flex snapshots, which have no size")
    true(all(row[7] > 2**31 for row in rows if row[3] != "flex"), "sizes are beyond 32 bits")

    completed = [row for row in rows if row[4] == "completed"]
    newest = {}
    for project, cluster, _, _, _, when, _, _ in completed:
        newest[project, cluster] = max(when, newest.get((project, cluster), 0))
    found = database.execute(f"SELECT project, cluster, epoch_ms(newest), age > INTERVAL 0 DAY FROM ({ages.rstrip().rstrip(';')})").fetchall()
    equal({(p, c): n for p, c, n, _ in found}, newest, "newest snapshots")
    equal(len(found), PROJECTS * CLUSTERS + 1, "clusters")
    equal([n for _, _, n, _ in found], sorted(n for _, _, n, _ in found), "the oldest first")
    totals = {p: (n, b) for p, n, b, _ in database.execute(kept).fetchall()}
    for project in {line["project"] for line in whole}:
        of = [line for line in whole if line["project"] == project]
        equal(totals[project], (len(of), sum(line.get("storageSizeBytes", 0) for line in of)), "what is kept")
    equal(database.execute(twice).fetchall(), [], "snapshots that are there twice")
    return rows


def milliseconds(text):
    return duckdb.execute("SELECT epoch_ms(?::TIMESTAMPTZ)", [text]).fetchone()[0]


def check_absent_fields(folder):
    """The columns are the same when no line has a field, and when there is a field that nobody knows."""
    (folder / "fleet").mkdir(parents=True)
    line = {"project": "p", "cluster": "c", "id": "1", "status": "QUEUED", "new": {"field": [1]}}
    (folder / "fleet/one.ndjson").write_text(json.dumps(line) + "\n")
    database, _ = table(folder)
    equal(database.execute(ROWS).fetchall(), [("p", "c", "1", "flex", "queued", None, None, None)], "a line with few fields")


def check_manifest(folder, lines):
    manifest = yaml.safe_load(MANIFEST.read_text())
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    spec, pod = manifest["spec"], manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    constants = {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}
    equal(int(constants["PARTS"]), spec["completions"], "PARTS")
    secret = {entry["name"] for entry in container["env"] if "valueFrom" in entry}
    equal(secret, {"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"}, "what comes from the Secret")
    equal(pod["restartPolicy"], "Never", "a policy for failed pods needs this")
    target = folder / "fleet"
    target.mkdir(parents=True)

    def pod_run(index, **more):
        environment = {**constants, "FOLDER": str(target), "JOB_COMPLETION_INDEX": str(index)}
        # Pods share no token; here they do, since nobody waits for the minute that so many would take.
        environment |= {"XDG_CACHE_HOME": str(folder / "cache"), **more}
        return run([*container["command"], *container["args"]], folder, **environment)

    def action(code):
        rules = [rule for rule in spec["podFailurePolicy"]["rules"] if code in rule.get("onExitCodes", {}).get("values", [])]
        return rules[0]["action"] if rules else "Count"

    for index in range(spec["completions"]):
        done = pod_run(index)
        equal((done.returncode, done.stderr), (0, ""), f"index {index}")
    equal(files(target), lines, "the lines of all indexes")

    denied = pod_run(0, MONGODB_ATLAS_CLIENT_SECRET="wrong", XDG_CACHE_HOME=str(folder / "nothing"))
    equal((denied.returncode, action(denied.returncode)), (4, "FailJob"), f"wrong credentials: {denied.stderr}")
    wrong = pod_run(spec["completions"])
    equal((wrong.returncode, action(wrong.returncode)), (2, "FailJob"), "an index beyond PARTS")
    for path in target.iterdir():
        path.unlink()
    control("POST", "faults", {"operation": "listGroupClusters", "count": 1, "effect": {"kind": "status", "status": 403}})
    ended = [pod_run(index) for index in range(spec["completions"])]
    control("DELETE", "faults")
    (partial,) = [done for done in ended if done.returncode]
    equal((partial.returncode, action(partial.returncode)), (8, "FailIndex"), f"a project that is not read: {partial.stderr}")
    (project,) = re.findall(r"^note: project (\w+): ", partial.stderr, re.M)
    left = [line for line in lines if json.loads(line)["project"] != project]
    equal(files(target), left, "all but the project that is not read")
    equal(sorted({path.suffix for path in target.iterdir()}), [".ndjson"], "files under their names")
    equal(action(7), "Count", "rate limited")


def undated(text):
    """The lines without the moment of their run, which each of them has to say."""
    lines = [re.subn(r'"readAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",', "", line, count=1) for line in text.splitlines()]
    true(all(count == 1 for _, count in lines), "each line says when it was read")
    return sorted(line for line, _ in lines)


def files(folder):
    return undated("\n".join(path.read_text().strip() for path in folder.glob("*.ndjson") if path.stat().st_size))


def main():
    folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ["WORK"]))
    flex = with_flex(folder)
    true(flex > 1, "the flex cluster has snapshots")
    text = atlas_backup("fleet", "snapshots", "-o", "ndjson", folder=folder)
    whole = [json.loads(line) for line in text.splitlines()]
    true(len(whole) >= PROJECTS * CLUSTERS * SNAPSHOTS + flex, "snapshots")

    (script,) = blocks("sh")
    done = run(["sh", "-euc", script], folder)
    equal((done.returncode, done.stderr), (0, ""), "the page's script")
    parts = sorted((folder / "fleet").iterdir())
    equal([path.name for path in parts], [f"snapshots-{k}-of-4.ndjson" for k in range(4)], "files")
    true(sum(path.stat().st_size > 0 for path in parts) > 1, "the projects are spread")
    equal(files(folder / "fleet"), undated(text), "the lines of all parts")
    rows = check_table(folder, whole, flex)
    unsharded = folder / "unsharded"
    (unsharded / "fleet").mkdir(parents=True)
    (unsharded / "fleet/all.ndjson").write_text(text)
    equal(check_table(unsharded, whole, flex), rows, "the same without parts")
    print(f"{len(rows)} snapshots of {PROJECTS} projects in 4 parts are one table")

    check_absent_fields(folder / "few")
    print("columns stay when fields are absent or new")
    check_manifest(folder / "pod", undated(text))
    print("the manifest is valid, and its command reads the fleet")


main()
