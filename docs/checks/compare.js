// Compares a restored cluster with its source: documents, indexes and a digest of every collection.
//
// A verify command of a drill: mongosh --nodb --quiet compare.js. Needs the connection string of the source in SOURCE_URI, and a
// database user that may read both clusters in DB_USER and DB_PASSWORD. Exits with 1 and names the collections that differ.
// Documents that the source has changed since the snapshot differ too.

const { createHash } = require("crypto");
const system = ["admin", "config", "local"];
const canonical = (value) => EJSON.stringify(value, { relaxed: false });

/** What is compared, by the name of the collection. */
function collections(uri) {
  const server = connect(uri, process.env.DB_USER, process.env.DB_PASSWORD).getMongo();
  const found = {};
  for (const name of server.getDBNames().filter((name) => !system.includes(name))) {
    const database = server.getDB(name);
    for (const collection of database.getCollectionInfos({ type: "collection" })) {
      const digest = createHash("sha256");
      let documents = 0;
      database.getCollection(collection.name).find().sort({ _id: 1 }).forEach((document) => {
        documents += 1;
        digest.update(canonical(document));
      });
      const indexes = database.getCollection(collection.name).getIndexes().map(canonical).sort();
      found[`${name}.${collection.name}`] = { documents, digest: digest.digest("hex"), indexes };
    }
  }
  return found;
}

// An SRV name needs DNS; the standard form leads to an emulator as well.
const source = collections(process.env.SOURCE_URI);
const target = collections(process.env.ATLAS_BACKUP_DRILL_STANDARD_URI);
const names = [...new Set([...Object.keys(source), ...Object.keys(target)])].sort();
const different = names.filter((name) => canonical(source[name] ?? null) !== canonical(target[name] ?? null));
const told = (side) => (side ? `${side.documents} documents, ${side.indexes.length} indexes` : "none");
different.forEach((name) => print(`${name} differs: source ${told(source[name])}, restored ${told(target[name])}`));
const documents = Object.values(target).reduce((sum, side) => sum + side.documents, 0);
print(`compared ${documents} documents of ${Object.keys(target).length} collections`);
quit(different.length ? 1 : 0);
