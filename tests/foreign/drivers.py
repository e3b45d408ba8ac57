"""PyMongo against the clusters of an emulator: discovery, logins, reading, writing, and what a restore brings back."""

import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import bson
import pymongo
from bson import json_util
from pymongo.errors import (
    BulkWriteError, ConnectionFailure, CursorNotFound, DuplicateKeyError, OperationFailure, PyMongoError,
    ServerSelectionTimeoutError,
)

from control import PROJECT, URL, advance, control, equal, held, true

GROUP = f"/api/atlas/v2/groups/{PROJECT}"
CANONICAL = json_util.JSONOptions(json_mode=json_util.JSONMode.CANONICAL, tz_aware=True)
CODEC = bson.CodecOptions(tz_aware=True, uuid_representation=bson.binary.UuidRepresentation.STANDARD)


def api(method, path, body=None, url=URL):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": "application/vnd.atlas.2099-01-01+json", "Content-Type": "application/json"}
    request = urllib.request.Request(url + GROUP + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def address(cluster, url=URL):
    kind = "flexClusters" if cluster.startswith("Flex") else "clusters"
    return api("GET", f"/{kind}/{cluster}", url=url)["connectionStrings"]["standard"]


def connect(cluster, user="tester", password="long enough, really", url=URL, **options):
    options = {"serverSelectionTimeoutMS": 2000, "tz_aware": True, "uuidRepresentation": "standard"} | options
    return pymongo.MongoClient(address(cluster, url), username=user, password=password, **options)


def create_user(name, roles, password="long enough, really", url=URL, **more):
    api("POST", "/databaseUsers", {
        "databaseName": "admin", "username": name, "password": password, "groupId": PROJECT, "roles": roles, **more,
    }, url=url)


def role(name, database="admin"):
    return {"roleName": name, "databaseName": database}


def refused(code, call):
    try:
        call()
    except OperationFailure as error:
        equal(error.code, code, str(error))
        return error
    raise AssertionError(f"not refused with {code}")


def logins():
    string = address("Cluster0")
    true(re.fullmatch(r"mongodb://127\.0\.0\.1:\d+/\?authSource=admin&replicaSet=Cluster0", string), string)
    create_user("tester", [role("atlasAdmin")])
    # Atlas closes connections from addresses that are not on the list.
    try:
        connect("Cluster0").admin.command("ping")
        raise AssertionError("served without an entry of the access list")
    except ServerSelectionTimeoutError:
        pass
    api("POST", "/accessList", [{"ipAddress": "127.0.0.1", "groupId": PROJECT}])
    connect("Cluster0").admin.command("ping")
    refused(18, lambda: connect("Cluster0", password="wrong").shop.orders.find_one())
    refused(18, lambda: connect("Cluster0", user="nobody").shop.orders.find_one())
    anonymous = pymongo.MongoClient(string)
    anonymous.admin.command("ping")
    refused(13, lambda: anonymous.shop.orders.find_one())
    create_user("reader", [role("read", "shop")])
    reader = connect("Cluster0", user="reader")
    equal(reader.shop.orders.count_documents({}), 400, "orders")
    refused(13, lambda: reader.telemetry.events.find_one())
    refused(13, lambda: reader.shop.orders.insert_one({}))
    equal(reader.list_database_names(), ["shop"], "visible databases")
    create_user("elsewhere", [role("readAnyDatabase")], scopes=[{"name": "Flex0", "type": "CLUSTER"}])
    refused(18, lambda: connect("Cluster0", user="elsewhere").shop.orders.find_one())
    true(connect("Flex0", user="elsewhere").shop.orders.find_one(), "scope")
    # A user that is deleted loses its open connections too.
    api("DELETE", "/databaseUsers/admin/reader")
    refused(13, lambda: reader.shop.orders.find_one())


def topologies():
    replica_set = connect("Cluster0")
    version = api("GET", "/clusters/Cluster0")["mongoDBVersion"]
    equal(replica_set.server_info()["version"], version, "version")
    equal((replica_set.topology_description.topology_type_name, replica_set.topology_description.replica_set_name),
          ("ReplicaSetWithPrimary", "Cluster0"), "topology")
    equal([f"{host}:{port}" for host, port in replica_set.nodes], [re.search(r"127[^/]*", address("Cluster0"))[0]], "hosts")
    sharded = connect("Sharded0")
    equal(sharded.shop.orders.estimated_document_count(), 400, "orders of all shards")
    equal(sharded.topology_description.topology_type_name, "Sharded", "topology")
    refused(59, lambda: sharded.shop.command("dbHash"))
    equal(connect("Flex0").shop.orders.count_documents({}), 400, "orders of the flex cluster")


def raw(documents):
    return sorted(bson.encode(document, codec_options=CODEC) for document in documents)


def reading():
    client = connect("Cluster0")
    equal(set(client.list_database_names()), {"shop", "telemetry"}, "databases")
    equal(sorted(client.shop.list_collection_names()), ["customers", "orders", "products"], "collections")
    for database, name in [("shop", "customers"), ("shop", "orders"), ("shop", "products"), ("telemetry", "events"), ("telemetry", "audit")]:
        shown = [json_util.loads(json.dumps(d), json_options=CANONICAL) for d in held("Cluster0", database, name)]
        found = client[database].get_collection(name, codec_options=CODEC).find({}, batch_size=37)
        equal(raw(found), raw(shown), f"documents of {name}")
    orders = client.shop.orders
    everything = list(orders.find())
    for description, query, matches in [
        ("equality", {"state": "open"}, lambda d: d["state"] == "open"),
        ("in", {"state": {"$in": ["open", "paid"]}}, lambda d: d["state"] in ("open", "paid")),
        ("not equal", {"state": {"$ne": "open"}}, lambda d: d["state"] != "open"),
        ("decimal", {"total": {"$gte": 5000}}, lambda d: d["total"].to_decimal() >= 5000),
        ("elements", {"lines.count": {"$gt": 8}}, lambda d: any(line["count"] > 8 for line in d["lines"])),
        ("size", {"lines": {"$size": 2}}, lambda d: len(d["lines"]) == 2),
        ("element", {"lines": {"$elemMatch": {"count": 3, "line": 0}}}, lambda d: any(line["count"] == 3 and line["line"] == 0 for line in d["lines"])),
        ("index", {"lines.0.count": {"$lte": 2}}, lambda d: d["lines"][0]["count"] <= 2),
        ("regex", {"state": re.compile("^R", re.I)}, lambda d: d["state"].startswith("r")),
        ("or", {"$or": [{"state": "sent"}, {"lines.2": {"$exists": True}}]}, lambda d: d["state"] == "sent" or len(d["lines"]) > 2),
        ("nor", {"$nor": [{"state": "sent"}, {"state": "open"}]}, lambda d: d["state"] in ("paid", "returned")),
        ("type", {"total": {"$type": "decimal"}}, lambda d: True),
        ("mod", {"lines.count": {"$mod": [4, 3]}}, lambda d: any(line["count"] % 4 == 3 for line in d["lines"])),
        ("all", {"lines.count": {"$all": [1, 2]}}, lambda d: {1, 2} <= {line["count"] for line in d["lines"]}),
        ("not", {"state": {"$not": {"$regex": "^r"}}}, lambda d: not d["state"].startswith("r")),
        ("null", {"discount": None}, lambda d: True),
    ]:
        expected = [d["_id"] for d in everything if matches(d)]
        equal([d["_id"] for d in orders.find(query)], expected, description)
        equal(orders.count_documents(query), len(expected), description)
        true(description in ("type", "null") or 0 < len(expected) < 400, f"{description} says something")
    newest = orders.find({}, {"placed": 1}).sort("placed", -1).skip(3).limit(5)
    expected = sorted(everything, key=lambda d: d["placed"], reverse=True)[3:8]
    equal([d for d in newest], [{"_id": d["_id"], "placed": d["placed"]} for d in expected], "sort, skip, limit, projection")
    equal(set(orders.distinct("state")), {"open", "paid", "sent", "returned"}, "distinct")
    groups = orders.aggregate([
        {"$match": {"state": {"$ne": "sent"}}},
        {"$group": {"_id": "$state", "orders": {"$sum": 1}, "first": {"$min": "$placed"}}},
        {"$sort": {"_id": 1}}, {"$project": {"first": 0}},
    ])
    states = ["open", "paid", "returned"]
    equal([(g["_id"], g["orders"]) for g in groups], [(s, sum(d["state"] == s for d in everything)) for s in states], "groups")
    equal(list(orders.aggregate([{"$match": {"state": "open"}}, {"$count": "n"}]))[0]["n"], sum(d["state"] == "open" for d in everything), "count")
    statistics = list(orders.aggregate([{"$collStats": {"count": {}, "storageStats": {}}}]))[0]
    size = sum(len(bson.encode(d)) for d in everything)
    equal((statistics["count"], statistics["storageStats"]["size"]), (400, size), "sizes")
    equal(client.shop.command("collStats", "orders")["size"], size, "collStats")
    equal((client.shop.command("dbStats")["objects"], client.shop.command("dbStats")["collections"]), (580, 3), "dbStats")
    true(client.shop.validate_collection("orders")["valid"], "validate")
    equal(set(orders.index_information()), {"_id_", "customer_1_placed_-1", "open_orders"}, "indexes")
    hashes = client.shop.command("dbHash")["collections"]
    import hashlib
    digest = hashlib.md5(b"".join(bytes(d.raw) for d in client.shop.get_collection("orders", codec_options=bson.CodecOptions(bson.raw_bson.RawBSONDocument)).find().sort("_id")))
    equal(hashes["orders"], digest.hexdigest(), "dbHash")
    # A cursor keeps its data, and ends when it is killed.
    cursor = client.telemetry.events.find(batch_size=10)
    next(cursor)
    other = client.telemetry.events.find(batch_size=10)
    next(other)
    client.telemetry.command("killCursors", "events", cursors=[other.cursor_id])
    try:
        list(other)
        raise AssertionError("a killed cursor goes on")
    except CursorNotFound:
        pass
    client.telemetry.events.delete_many({})
    equal(sum(1 for _ in cursor), 599, "documents of an open cursor")
    # What is not there is refused, never ignored.
    refused(59, lambda: client.shop.command("mapReduce", "orders"))
    refused(2, lambda: orders.find_one({"lines": {"$near": 1}}))
    refused(2, lambda: orders.find_one({"$where": "1"}))
    refused(40324, lambda: list(orders.aggregate([{"$lookup": {}}])))
    refused(168, lambda: list(orders.aggregate([{"$project": {"x": {"$add": [1, 2]}}}])))
    refused(15952, lambda: list(orders.aggregate([{"$group": {"_id": None, "x": {"$push": "$a"}}}])))
    refused(238, lambda: orders.find_one({}, collation={"locale": "en"}))
    refused(9, lambda: orders.update_one({}, {"$bit": {"a": {"or": 1}}}))


def writing():
    shop = connect("Cluster0").shop
    notes = shop.notes
    inserted = notes.insert_many([{"n": n, "tags": ["a"]} for n in range(250)]).inserted_ids
    equal(len(set(inserted)), 250, "ids")
    notes.insert_one({"_id": 1, "n": 1000})
    for duplicate in (1, 1.0, bson.Int64(1)):
        try:
            notes.insert_one({"_id": duplicate})
            raise AssertionError("inserted twice")
        except DuplicateKeyError:
            pass
    try:
        notes.insert_many([{"_id": 2}, {"_id": 1}, {"_id": 3}])
        raise AssertionError("inserted twice")
    except BulkWriteError as error:
        equal((error.details["nInserted"], error.details["writeErrors"][0]["index"]), (1, 1), "ordered")
    try:
        notes.insert_many([{"_id": 3}, {"_id": 1}, {"_id": 4}], ordered=False)
        raise AssertionError("inserted twice")
    except BulkWriteError as error:
        equal((error.details["nInserted"], error.details["writeErrors"][0]["index"]), (2, 1), "not ordered")
    result = notes.update_many({"n": {"$lt": 10}}, {"$set": {"seen": True, "deep.er": 1}, "$inc": {"n": 5000}, "$push": {"tags": "b"}})
    equal((result.matched_count, result.modified_count), (10, 10), "updated")
    equal(notes.find_one({"n": 5003}, {"_id": 0}), {"n": 5003, "tags": ["a", "b"], "deep": {"er": 1}, "seen": True}, "updated")
    equal(notes.update_one({"n": 5003}, {"$set": {"seen": True}}).modified_count, 0, "not changed")
    notes.update_one({"n": 5003}, {"$unset": {"deep.er": ""}, "$addToSet": {"tags": {"$each": ["b", "c"]}}, "$rename": {"seen": "read"}, "$mul": {"n": 2}})
    notes.update_one({"n": 10006}, {"$pull": {"tags": "a"}})
    equal(notes.find_one({"n": 10006}, {"_id": 0}), {"n": 10006, "tags": ["b", "c"], "deep": {}, "read": True}, "operators")
    upserted = notes.update_one({"_id": "new", "kind": "x"}, {"$set": {"n": 1}, "$setOnInsert": {"made": 1}}, upsert=True)
    equal((upserted.upserted_id, notes.find_one({"_id": "new"})), ("new", {"_id": "new", "kind": "x", "made": 1, "n": 1}), "upsert")
    equal(notes.replace_one({"_id": "new"}, {"other": 1}).modified_count, 1, "replaced")
    equal(notes.find_one({"_id": "new"}), {"_id": "new", "other": 1}, "replaced")
    refused(66, lambda: notes.update_one({"_id": "new"}, {"$set": {"_id": "newer"}}))
    refused(40, lambda: notes.update_one({"_id": "new"}, {"$set": {"a": 1, "a.b": 1}}))
    refused(28, lambda: notes.update_one({"_id": "new"}, {"$set": {"other.x": 1}}))
    refused(14, lambda: notes.update_one({"_id": "new"}, {"$set": {"s": "x"}}) and notes.update_one({"_id": "new"}, {"$inc": {"s": 1}}))
    equal(notes.delete_many({"n": {"$gte": 5000}}).deleted_count, 10, "deleted")
    equal(notes.delete_one({"_id": "new"}).deleted_count, 1, "deleted")
    notes.create_index("n", unique=True, sparse=True)
    refused(11000, lambda: notes.insert_one({"n": 1000}))
    equal(notes.index_information()["n_1"], {"v": 2, "key": [("n", 1)], "unique": True, "sparse": True}, "index")
    refused(11000, lambda: notes.create_index("missing", unique=True))
    notes.drop_index("n_1")
    notes.insert_one({"n": 1000})
    # Documents that came from a template.
    equal(shop.products.delete_one({"_id": 7}).deleted_count, 1, "deleted")
    equal(shop.products.update_one({"_id": 8}, {"$set": {"name": "renamed"}}).modified_count, 1, "updated")
    equal((shop.products.count_documents({}), shop.products.find_one({"_id": 8})["name"]), (59, "renamed"), "products")
    refused(121, lambda: shop.products.insert_one({"_id": 7}))
    refused(11000, lambda: shop.customers.insert_one({"email": shop.customers.find_one()["email"]}))
    shop.create_collection("empty")
    refused(48, lambda: shop.command("create", "empty"))
    true("empty" in shop.list_collection_names(), "created")
    shop.empty.drop()
    equal(shop.empty.estimated_document_count(), 0, "dropped")


def restoring():
    client = connect("Cluster0")
    orders = client.shop.orders
    orders.insert_one({"_id": "before", "state": "open"})
    before = client.shop.command("dbHash")["md5"]
    snapshot = api("POST", "/clusters/Cluster0/backup/snapshots", {"retentionInDays": 1})["id"]
    advance(60)
    orders.insert_one({"_id": "after the snapshot"})
    advance(60)
    moment = control("GET", "clock")["now"]
    advance(60)
    orders.drop()
    equal(orders.count_documents({}), 0, "dropped by accident")
    target = {"targetClusterName": "Cluster0", "targetGroupId": PROJECT}
    seconds = int(json_util.loads(json.dumps({"$date": moment})).timestamp()) + 1
    api("POST", "/clusters/Cluster0/backup/restoreJobs", {"deliveryType": "pointInTime", "pointInTimeUTCSeconds": seconds, **target})
    try:
        connect("Cluster0").admin.command("ping")
        raise AssertionError("served while its data are replaced")
    except ServerSelectionTimeoutError:
        pass
    advance(120)
    equal(orders.count_documents({}), 402, "restored to the moment")
    api("POST", "/clusters/Cluster0/backup/restoreJobs", {"deliveryType": "automated", "snapshotId": snapshot, **target})
    advance(120)
    equal(orders.count_documents({}), 401, "restored from the snapshot")
    equal(client.shop.command("dbHash")["md5"], before, "all data as before")


def states():
    client = connect("Cluster0")
    client.admin.command("ping")
    api("PATCH", "/clusters/Cluster0", {"paused": True})
    try:
        client.shop.orders.find_one()
        raise AssertionError("served while it is paused")
    except ConnectionFailure:
        pass
    api("PATCH", "/clusters/Cluster0", {"paused": False})
    true(connect("Cluster0").shop.orders.find_one(), "resumed")


def restarts(binary):
    """An emulator of its own, which is killed and started again."""
    folder = tempfile.TemporaryDirectory()

    def start():
        command = [binary, "serve", "--seed", "demo", "--mongo", "--control", "--data-dir", folder.name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return process, json.loads(process.stdout.readline())["baseUrl"]

    process, url = start()
    try:
        create_user("tester", [role("readWriteAnyDatabase")], url=url)
        api("POST", "/accessList", [{"cidrBlock": "127.0.0.0/8", "groupId": PROJECT}], url=url)
        client = connect("Cluster0", url=url, serverSelectionTimeoutMS=20000)
        client.shop.kept.insert_many([{"_id": n} for n in range(100)])
        client.shop.kept.delete_one({"_id": 50})
        process.kill()
        process.wait()
        process, url = start()
        # The same client, on the same port.
        equal(client.shop.kept.count_documents({}), 99, "documents after a crash")
        client.shop.kept.insert_one({"_id": 50})
    finally:
        process.kill()
        process.wait()


for part in (logins, topologies, reading, writing, restoring, states, lambda: restarts(sys.argv[1])):
    begun = time.monotonic()
    part()
    print(f"{part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
print("PyMongo", pymongo.version, "connects, reads, writes and sees what restores bring back")
