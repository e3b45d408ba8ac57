"""Compares a restored cluster with its source: documents, indexes and a digest of every collection.

A verify command of a drill. Needs PyMongo, the connection string of the source in SOURCE_URI, and a database user that may
read both clusters in DB_USER and DB_PASSWORD. Exits with 1 and names the collections that differ. Documents that the source
has changed since the snapshot differ too.
"""

import hashlib
import os
import sys

import bson
import pymongo

SYSTEM = {"admin", "config", "local"}


def collections(uri):
    """What is compared, by the name of the collection."""
    client = pymongo.MongoClient(uri, username=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"])
    raw = bson.CodecOptions(bson.raw_bson.RawBSONDocument)
    found = {}
    for name in set(client.list_database_names()) - SYSTEM:
        database = client.get_database(name, codec_options=raw)
        for collection in database.list_collections(filter={"type": "collection"}):
            collection = database[collection["name"]]
            documents, digest = 0, hashlib.sha256()
            for document in collection.find().sort("_id"):
                documents += 1
                digest.update(document.raw)
            indexes = sorted(bson.encode(index) for index in collection.list_indexes())
            found[collection.full_name] = documents, digest.hexdigest(), indexes
    return found


# An SRV name needs DNS; the standard form leads to an emulator as well.
source, target = collections(os.environ["SOURCE_URI"]), collections(os.environ["ATLAS_BACKUP_DRILL_STANDARD_URI"])
different = sorted(name for name in source.keys() | target.keys() if source.get(name) != target.get(name))
for name in different:
    told = ["none" if side is None else f"{side[0]} documents, {len(side[2])} indexes" for side in (source.get(name), target.get(name))]
    print(f"{name} differs: source {told[0]}, restored {told[1]}")
print(f"compared {sum(side[0] for side in target.values())} documents of {len(target)} collections")
sys.exit(bool(different))
