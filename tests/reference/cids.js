// Prints name, CIDv0, CIDv1 of each file of a folder, as `ipfs add` would make them.
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { BlackHoleBlockstore } from "blockstore-core";
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";

const folder = process.argv[2];
const layout = { layout: balanced({ maxChildrenPerNode: 174 }), chunker: fixedSize({ chunkSize: 262144 }) };

async function cid(path, cidVersion) {
  const options = { ...layout, cidVersion, rawLeaves: cidVersion === 1, wrapWithDirectory: false };
  const source = [{ content: createReadStream(path) }];
  for await (const entry of importer(source, new BlackHoleBlockstore(), options)) return entry.cid.toString();
}

for (const name of readdirSync(folder)) {
  const path = join(folder, name);
  console.log(name, await cid(path, 0), await cid(path, 1));
}
