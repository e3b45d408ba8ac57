// The Node.js driver against a cluster of the emulator.
"use strict";
const assert = require("node:assert/strict");
const { MongoClient, Long, Decimal128 } = require("mongodb");

const PROJECT = "32b6e34b3d91647abb20e7b8";

async function address(cluster) {
  const url = `${process.env.EMULATOR_URL}/api/atlas/v2/groups/${PROJECT}/clusters/${cluster}`;
  const answer = await fetch(url, { headers: { Accept: "application/vnd.atlas.2099-01-01+json" } });
  return (await answer.json()).connectionStrings.standard;
}

async function connect(cluster, password = "rehearsal") {
  const auth = { username: "tester", password };
  return new MongoClient(await address(cluster), { auth, serverSelectionTimeoutMS: 2000 }).connect();
}

async function main() {
  await assert.rejects(connect("Cluster0", "wrong"), (error) => error.code === 18);
  const client = await connect("Cluster0");
  const shop = client.db("shop");
  const orders = shop.collection("orders");
  assert.equal((await shop.admin().listDatabases()).databases.length, 2);
  assert.deepEqual((await shop.listCollections().toArray()).map((c) => c.name).sort(), ["customers", "orders", "products"]);
  const all = await orders.find().batchSize(33).toArray();
  assert.equal(all.length, 400);
  const paid = await orders.find({ state: "paid" }, { projection: { state: 1 } }).sort({ _id: -1 }).limit(3).toArray();
  const expected = all.filter((order) => order.state === "paid").sort((a, b) => (a._id.toHexString() < b._id.toHexString() ? 1 : -1));
  assert.deepEqual(paid, expected.slice(0, 3).map(({ _id, state }) => ({ _id, state })));

  const notes = shop.collection("notes");
  const written = await notes.bulkWrite([
    { insertOne: { document: { _id: 1, total: Decimal128.fromString("1.50"), n: Long.fromNumber(5) } } },
    { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 }, $currentDate: { at: true } } } },
    { updateOne: { filter: { _id: 2 }, update: { $setOnInsert: { n: 7 } }, upsert: true } },
    { replaceOne: { filter: { _id: 2 }, replacement: { n: 8 } } },
    { deleteOne: { filter: { _id: 3 } } },
  ]);
  assert.deepEqual([written.insertedCount, written.modifiedCount, written.upsertedCount, written.deletedCount], [1, 2, 1, 0]);
  assert.equal((await notes.findOne({ total: { $gt: 1.4999 } })).n, 6);
  await assert.rejects(notes.insertOne({ _id: 2 }), (error) => error.code === 11000);
  const before = await notes.findOneAndUpdate({ _id: 2 }, { $set: { n: 80 } });
  const after = await notes.findOneAndReplace({ _id: 2 }, { n: 8 }, { returnDocument: "after" });
  assert.deepEqual([before.n, after.n], [8, 8]);
  await assert.rejects(notes.find({}).explain(), (error) => error.code === 59);
  assert.equal(await notes.countDocuments(), 2);
  assert.deepEqual(await notes.aggregate([{ $group: { _id: null, n: { $sum: "$n" } } }, { $project: { _id: 0 } }]).toArray(), [{ n: 14 }]);
  assert.equal(await notes.createIndex({ n: -1 }), "n_-1");
  assert.equal((await notes.indexes()).length, 2);
  const session = client.startSession();
  await notes.insertOne({ _id: "in a session" }, { session });
  session.startTransaction();
  await assert.rejects(notes.insertOne({ _id: "in a transaction" }, { session }), (error) => error.code === 263);
  await session.endSession();
  await notes.drop();
  await client.close();

  const sharded = await connect("Sharded0");
  assert.equal(await sharded.db("shop").collection("orders").estimatedDocumentCount(), 400);
  await sharded.close();
  console.log("the Node.js driver connects, reads and writes");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
