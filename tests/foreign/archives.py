"""PyMongo's bson reads what the emulator delivers: download archives and exported files."""

import gzip
import io
import json
import os
import pathlib
import tarfile
import urllib.error
import urllib.request

import bson
from bson import json_util

from control import PROJECT, URL, advance, collections, control, equal, held

ACCEPT = "application/vnd.atlas.2099-01-01+json"
GROUP = f"{URL}/api/atlas/v2/groups/{PROJECT}"
CANONICAL = json_util.JSONOptions(json_mode=json_util.JSONMode.CANONICAL, tz_aware=True, uuid_representation=bson.binary.UuidRepresentation.STANDARD)
CODEC = bson.CodecOptions(tz_aware=True, uuid_representation=bson.binary.UuidRepresentation.STANDARD)


def api(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": ACCEPT, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(GROUP + path, data=data, method=method, headers=headers)) as answer:
        return json.load(answer)


def from_json(document):
    return json_util.loads(json.dumps(document), json_options=CANONICAL)


def by_id(documents):
    return {bson.encode({"": d["_id"]}): bson.encode(d, codec_options=CODEC) for d in documents}


def archive(url):
    with urllib.request.urlopen(url) as answer:
        equal(answer.headers["Content-Type"], "application/gzip", "type")
        content = answer.read()
    # The end, asked for by itself.
    end = urllib.request.Request(url, headers={"Range": "bytes=-100"})
    with urllib.request.urlopen(end) as answer:
        equal((answer.status, answer.read()), (206, content[-100:]), "the last bytes")
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}


def download(cluster, snapshots):
    control("POST", f"data/{PROJECT}/{cluster}/shop/notes", {"documents": [{"_id": {"$numberLong": "7"}, "big": {"$numberDecimal": "1.50"}}]})
    # A snapshot of now; one that is already there would not have the note.
    snapshot = api("POST", f"/clusters/{cluster}/backup/snapshots", {"retentionInDays": 1})["id"]
    advance(3600)
    newest = api("GET", f"/clusters/{cluster}/backup/{snapshots}")["results"][0]["id"]
    equal(newest, snapshot, "newest snapshot")
    job = api("POST", f"/clusters/{cluster}/backup/restoreJobs", {"deliveryType": "download", "snapshotId": snapshot})
    advance(600)
    return snapshot, api("GET", f"/clusters/{cluster}/backup/restoreJobs/{job['id']}")["deliveryUrl"]


def check_archives(cluster, urls):
    archives = [archive(url) for url in urls]
    for database, collection in collections(cluster):
        end = f"/{database}/{collection}.bson"
        documents = [d for files in archives for name in files if name.endswith(end) for d in bson.decode_all(files[name], CODEC)]
        expected = [from_json(d) for d in held(cluster, database, collection)]
        equal(len(documents), len(expected), f"documents of {cluster} {end}")
        equal(by_id(documents), by_id(expected), f"{cluster} {end}")
        for files in archives:
            (metadata,) = [files[name] for name in files if name.endswith(f"/{database}/{collection}.metadata.json")]
            metadata = json_util.loads(metadata, json_options=CANONICAL)
            equal(metadata["collectionName"], collection, "collectionName")
            equal(metadata["indexes"][0]["name"], "_id_", "first index")
    return sum(len(files) for files in archives)


def check_export(cluster, snapshot):
    bucket = api("GET", "/backup/exportBuckets")["results"][0]
    job = api("POST", f"/clusters/{cluster}/backup/exports", {"snapshotId": snapshot, "exportBucketId": bucket["_id"]})
    advance(600)
    job = api("GET", f"/clusters/{cluster}/backup/exports/{job['id']}")
    equal(job["state"], "Successful", "state")
    folder = pathlib.Path(os.environ["EXPORT_DIR"]) / bucket["bucketName"] / job["prefix"]
    complete = json.loads((folder / ".complete").read_text())
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".complete"]
    equal(complete["totalFiles"], len(files), "totalFiles")
    for database, collection in collections(cluster):
        found = []
        for path in sorted((folder / database / collection).glob("*.json.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                found += [json_util.loads(line, json_options=CANONICAL) for line in lines]
        expected = [from_json(d) for d in held(cluster, database, collection)]
        equal(by_id(found), by_id(expected), f"export of {cluster} {database}.{collection}")


def main():
    for cluster, snapshots in [("Cluster0", "snapshots"), ("Sharded0", "snapshots/shardedClusters")]:
        snapshot, urls = download(cluster, snapshots)
        equal(len(urls), 2 if cluster == "Sharded0" else 1, "archives")
        files = check_archives(cluster, urls)
        check_export(cluster, snapshot)
        print(f"{cluster}: {files} files of {len(urls)} archives, and the export, say what the cluster holds")
    flex = api("GET", "/flexClusters/Flex0/backup/snapshots")["results"][0]["id"]
    job = api("POST", "/flexClusters/Flex0/backup/download", {"snapshotId": flex})
    advance(600)
    url = api("GET", f"/flexClusters/Flex0/backup/restoreJobs/{job['id']}")["snapshotUrl"]
    print(f"Flex0: {check_archives('Flex0', [url])} files")
    advance(7 * 3600)
    for gone in [url, urls[0]]:
        try:
            urllib.request.urlopen(gone)
            raise AssertionError("an expired URL still works")
        except urllib.error.HTTPError as error:
            equal(error.code, 403, "an expired URL")


main()
