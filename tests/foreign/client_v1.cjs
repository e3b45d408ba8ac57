// mongodb-atlas-api-client, which speaks version 1.0 with digest, through all that it can do of the backup domain.
"use strict";
const assert = require("node:assert/strict");
const client = require("mongodb-atlas-api-client");

const URL = process.env.EMULATOR_URL;
const PROJECT = "32b6e34b3d91647abb20e7b8";
const ORGANIZATION = "5e2211c17a3e5a48f5497de3";

async function advance(seconds) {
  const request = { method: "POST", body: JSON.stringify({ seconds }) };
  assert.ok((await fetch(`${URL}/control/clock/advance`, request)).ok);
}

function connect(projectId) {
  const baseUrl = `${URL}/api/atlas/v1.0`;
  return client({ publicKey: "public", privateKey: "private", baseUrl, projectId });
}

async function main() {
  const atlas = connect(PROJECT);
  const project = await atlas.project.create({ name: "made by version 1.0", orgId: ORGANIZATION });
  assert.equal((await atlas.project.getById(project.id)).name, "made by version 1.0");
  assert.ok((await atlas.project.getAll()).results.some((p) => p.id === project.id));

  const own = connect(project.id);
  const made = await own.cluster.create({
    name: "Old",
    clusterType: "REPLICASET",
    providerBackupEnabled: true,
    providerSettings: { providerName: "AWS", regionName: "EU_WEST_1", instanceSizeName: "M10" },
  });
  assert.equal(made.stateName, "CREATING");
  await advance(600);
  const cluster = await own.cluster.get("Old");
  assert.deepEqual([cluster.stateName, cluster.providerSettings.instanceSizeName], ["IDLE", "M10"]);
  assert.deepEqual((await own.cluster.getAll()).results.map((c) => c.name), ["Old"]);
  assert.equal((await own.cluster.update("Old", { pitEnabled: true })).pitEnabled, true);
  await own.cluster.delete("Old");
  await advance(600);
  // This client gives an error's document as if it were an answer.
  assert.equal((await own.cluster.get("Old")).errorCode, "CLUSTER_NOT_FOUND");
  await own.project.delete(project.id);
  assert.equal((await atlas.project.getById(project.id)).errorCode, "GROUP_NOT_FOUND");

  const snapshots = await atlas.cloudBackup.getAllReplicaSetCloudBackups("Cluster0", { itemsPerPage: 5 });
  assert.equal(snapshots.results.length, 5);
  assert.ok(snapshots.totalCount > 5);
  const snapshot = await atlas.cloudBackup.getReplicaSetCloudBackup("Cluster0", snapshots.results[0].id);
  assert.equal(snapshot.status, "completed");
  const job = await atlas.cloudBackup.createSnapshotRestoreJob("Cluster0", {
    deliveryType: "download",
    snapshotId: snapshot.id,
  });
  assert.deepEqual(job.deliveryUrl, []);
  await advance(600);
  const done = await atlas.cloudBackup.getSnapshotRestoreJob("Cluster0", job.id);
  const archive = await fetch(done.deliveryUrl[0]);
  assert.equal(archive.headers.get("content-type"), "application/gzip");
  assert.equal(Number(archive.headers.get("content-length")), (await archive.arrayBuffer()).byteLength);
  assert.equal((await atlas.cloudBackup.getAllReplicaSetCloudBackups("none")).errorCode, "CLUSTER_NOT_FOUND");
  console.log("mongodb-atlas-api-client: projects, clusters, snapshots, restore jobs, in version 1.0 with digest");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
