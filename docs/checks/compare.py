"""Compares a restored cluster with its source: documents, indexes and a digest of every collection.

A verify command of a drill. Needs PyMongo, the connection string of the source in SOURCE_URI, and a database user in DB_USER
and DB_PASSWORD that may read the source, and the restored cluster too unless the drill has `--login`. Exits with 1 and names
the collections that differ. Documents that the source has changed since the snapshot differ too.
"""

import hashlib
import json
import os
import sys

import bson
import pymongo

SYSTEM = {"admin", "config", "local"}


def collections(uri, **login):
    """What is compared, by the name of the collection."""
    client = pymongo.MongoClient(uri, **login)
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


own = {"username": os.environ["DB_USER"], "password": os.environ["DB_PASSWORD"]}
source = collections(os.environ["SOURCE_URI"], **own)
# An SRV name needs DNS; the standard form leads to an emulator as well. With `--login` it contains the login.
target = collections(os.environ["ATLAS_BACKUP_DRILL_STANDARD_URI"], **({} if "ATLAS_BACKUP_DRILL_USER" in os.environ else own))
different = sorted(name for name in source.keys() | target.keys() if source.get(name) != target.get(name))
for name in different:
    sizes = ["none" if side is None else f"{side[0]} documents, {len(side[2])} indexes" for side in (source.get(name), target.get(name))]
    print(f"{name} differs: source {sizes[0]}, restored {sizes[1]}")
documents = sum(side[0] for side in target.values())
print(f"compared {documents} documents of {len(target)} collections")
# For the record of the drill.
with open(os.environ["ATLAS_BACKUP_DRILL_RESULT"], "w") as result:
    json.dump({"documents": documents, "collections": len(target)}, result)
sys.exit(bool(different))
