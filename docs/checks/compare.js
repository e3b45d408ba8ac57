// Compares a restored cluster with its source: documents, indexes and a digest of every collection.
//
// A verify command of a drill: mongosh --nodb --quiet compare.js. Needs the connection string of the source in SOURCE_URI, and a
// database user in DB_USER and DB_PASSWORD that may read the source, and the restored cluster too unless the drill has
// `--login`. Exits with 1 and names the collections that differ. Documents that the source has changed since the snapshot
// differ too.

const { createHash } = require("crypto");
const { writeFileSync } = require("fs");
const system = ["admin", "config", "local"];
const canonical = (value) => EJSON.stringify(value, { relaxed: false });

/** What is compared, by the name of the collection. */
function collections(uri, ...login) {
  const server = connect(uri, ...login).getMongo();
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

const own = [process.env.DB_USER, process.env.DB_PASSWORD];
const source = collections(process.env.SOURCE_URI, ...own);
// An SRV name needs DNS; the standard form leads to an emulator as well. With `--login` it contains the login.
const target = collections(process.env.ATLAS_BACKUP_DRILL_STANDARD_URI, ...(process.env.ATLAS_BACKUP_DRILL_USER ? [] : own));
const names = [...new Set([...Object.keys(source), ...Object.keys(target)])].sort();
const different = names.filter((name) => canonical(source[name] ?? null) !== canonical(target[name] ?? null));
const describe = (side) => (side ? `${side.documents} documents, ${side.indexes.length} indexes` : "none");
different.forEach((name) => print(`${name} differs: source ${describe(source[name])}, restored ${describe(target[name])}`));
const documents = Object.values(target).reduce((sum, side) => sum + side.documents, 0);
const compared = Object.keys(target).length;
print(`compared ${documents} documents of ${compared} collections`);
// For the record of the drill.
writeFileSync(process.env.ATLAS_BACKUP_DRILL_RESULT, JSON.stringify({ documents, collections: compared }));
quit(different.length ? 1 : 0);
