// Chats so that the server reads nothing: keys by WebCrypto, signed by the wallet, a group's key for
// each epoch. The argument is an object as JSON: the API's `url`, a `token`, the group's `key`, the
// `index` of the wallet among a dev chain's, and the `curve` of its own key. Does what each line that
// it reads says, and prints what came of it; everything that it hears is printed as it comes.
import { createInterface } from "node:readline";
import { createClient } from "graphql-ws";
import { verifyMessage } from "viem";
import { mnemonicToAccount } from "viem/accounts";

const { url, token, key: group, index, curve } = JSON.parse(process.argv[2]);
const { subtle } = crypto;
const phrase = "test test test test test test test test test test test junk";
const account = mnemonicToAccount(phrase, { addressIndex: index });
const algorithms = { X25519: { name: "X25519" }, "P-256": { name: "ECDH", namedCurve: "P-256" } };
const known = new Map(); // the group's keys by epoch
const tell = (what, value) => console.log(JSON.stringify({ [what]: value }));
const hex = (data) => "0x" + Buffer.from(data).toString("hex");
const unhex = (text) => Buffer.from(text.slice(2), "hex");
const sorted = (jwk) => JSON.stringify(Object.fromEntries(Object.entries(jwk).sort()));
const sha256 = async (text) => Buffer.from(await subtle.digest("SHA-256", Buffer.from(text)));
const algorithmOf = (jwk) => algorithms[jwk.crv];
const publicKey = (jwk) => subtle.importKey("jwk", jwk, algorithmOf(jwk), true, []);
const problem = ({ message, extensions }) => ({ message, ...extensions });

async function ask(query, variables) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const body = JSON.stringify({ query, variables: { group, ...variables } });
  const answer = await (await fetch(url, { method: "POST", headers, body })).json();
  if (answer.errors) throw Object.assign(new Error(answer.errors[0].message), { refused: problem(answer.errors[0]) });
  return answer.data;
}

const pair = await subtle.generateKey(algorithms[curve], false, ["deriveBits"]);

/** The public key with the members that make it alone. */
async function jwkOf(one) {
  const { crv, kty, x, y } = await subtle.exportKey("jwk", one);
  return y ? { crv, kty, x, y } : { crv, kty, x };
}

/** What two keys share, made a key that wraps another. */
async function shared(secret, theirs) {
  const bits = await subtle.deriveBits({ name: theirs.algorithm.name, public: theirs }, secret, 256);
  const material = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: unhex(group), info: Buffer.from("dchat group key") };
  return subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function encrypt(key, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return Buffer.concat([iv, Buffer.from(await subtle.encrypt({ name: "AES-GCM", iv }, key, data))]);
}

const decrypt = async (key, data) =>
  Buffer.from(await subtle.decrypt({ name: "AES-GCM", iv: data.subarray(0, 12) }, key, data.subarray(12)));
const groupKey = (raw) => subtle.importKey("raw", raw, "AES-GCM", true, ["encrypt", "decrypt"]);

/** The keys of members that their wallets signed, and no others: the server is not trusted. */
async function readers() {
  const { group: found } = await ask(`query ($group: Bytes32!) { group(key: $group) { members(first: 50) { nodes {
    address user { publicKeys { fingerprint key message signature revokedAt } } } } } }`);
  const all = found.members.nodes.flatMap(({ address, user }) => user.publicKeys.map((one) => ({ address, ...one })));
  const good = [];
  for (const one of all.filter(({ revokedAt }) => !revokedAt)) {
    const print = (await sha256(sorted(JSON.parse(one.key)))).toString("base64url");
    const signed = await verifyMessage({ address: one.address, message: one.message, signature: one.signature });
    if (signed && print === one.fingerprint && one.message.includes(`Fingerprint: ${print}`)) good.push(one);
  }
  return good;
}

async function wrapped(raw, { address, fingerprint, key }) {
  const jwk = JSON.parse(key);
  const mine = await subtle.generateKey(algorithmOf(jwk), false, ["deriveBits"]);
  const box = await encrypt(await shared(mine.privateKey, await publicKey(jwk)), raw);
  const told = JSON.stringify({ by: await jwkOf(mine.publicKey), box: box.toString("base64") });
  return { recipient: address, fingerprint, wrapped: hex(Buffer.from(told)) };
}

async function unwrapped(data) {
  const { by, box } = JSON.parse(unhex(data).toString());
  return groupKey(await decrypt(await shared(pair.privateKey, await publicKey(by)), Buffer.from(box, "base64")));
}

/** The epoch's key, as somebody wrapped it for this client. */
async function keyOf(epoch) {
  if (!known.has(epoch)) {
    const { keyEpochs } = await ask("query ($group: Bytes32!) { keyEpochs(groupKey: $group) { id wrappedKeys { wrapped } } }");
    for (const { id, wrappedKeys } of keyEpochs) if (wrappedKeys.length) known.set(id, await unwrapped(wrappedKeys[0].wrapped));
  }
  return known.get(epoch);
}

const verbs = {
  async publish() {
    const given = { address: account.address, key: JSON.stringify(await jwkOf(pair.publicKey)), issuedAt: new Date().toISOString() };
    const { publicKeyMessage: message } = await ask(`query ($address: Address!, $key: String!, $issuedAt: DateTime!) {
      publicKeyMessage(address: $address, key: $key, issuedAt: $issuedAt) }`, given);
    const signature = await account.signMessage({ message });
    const told = await ask(`mutation ($key: String!, $issuedAt: DateTime!, $signature: Bytes!) {
      registerPublicKey(key: $key, issuedAt: $issuedAt, signature: $signature) { algorithm } }`, { ...given, signature });
    tell("published", told.registerPublicKey.algorithm);
  },

  async open() {
    const { keyEpoch } = await ask("query ($group: Bytes32!) { keyEpoch(groupKey: $group) { id keyId } }");
    const raw = crypto.getRandomValues(new Uint8Array(32));
    const keys = await Promise.all((await readers()).map((one) => wrapped(raw, one)));
    const given = { epoch: keyEpoch.id, keyId: hex((await sha256(raw)).subarray(0, 8)), keys };
    await ask(`mutation ($group: Bytes32!, $epoch: ID!, $keyId: Bytes!, $keys: [WrappedKeyInput!]!) {
      wrapGroupKey(groupKey: $group, epoch: $epoch, keyId: $keyId, keys: $keys) { id } }`, given);
    known.set(keyEpoch.id, await groupKey(raw));
    tell("opened", { epoch: keyEpoch.id, readers: keys.length });
  },

  async say({ text, epoch }) {
    const content = (await encrypt(await keyOf(epoch), Buffer.from(text))).toString("base64");
    const told = await ask(`mutation ($group: Bytes32!, $content: String!, $epoch: String!) {
      sendMessage(key: $group, content: $content, encryption: "A256GCM", epoch: $epoch) { id content } }`, { content, epoch });
    tell("sent", told.sendMessage);
  },

  async hear() {
    const options = { webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: `Bearer ${token}` } };
    const query = "subscription ($group: Bytes32!) { messageAdded(key: $group) { content encryption epoch card } }";
    createClient({ url: url.replace("http", "ws"), ...options }).subscribe({ query, variables: { group } }, {
      async next({ data, errors }) {
        if (errors) return tell("ended", problem(errors[0]));
        const { content, encryption, epoch, card } = data.messageAdded;
        const key = encryption && (await keyOf(epoch));
        tell("heard", card ?? (key ? (await decrypt(key, Buffer.from(content, "base64"))).toString() : "unreadable"));
      },
      error: (errors) => tell("ended", Array.isArray(errors) ? problem(errors[0]) : String(errors)),
      complete: () => {},
    });
  },

  async search({ text }) {
    const told = await ask("query ($text: String!) { searchMessages(text: $text) { totalCount } }", { text });
    tell("found", told.searchMessages.totalCount);
  },

  /** With all the keys that this client ever had. */
  async pry({ content }) {
    const tries = [...known.values()].map((key) => decrypt(key, Buffer.from(content, "base64")).then(String, () => null));
    tell("pried", (await Promise.all(tries)).filter((text) => text !== null));
  },

  async epoch() {
    const { keyEpoch } = await ask("query ($group: Bytes32!) { keyEpoch(groupKey: $group) { id wrappedKeys { wrapped } } }");
    tell("epoch", { id: keyEpoch.id, mine: keyEpoch.wrappedKeys.length });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { verb, ...given } = JSON.parse(line);
  await verbs[verb](given).catch((error) => tell("refused", error.refused ?? { message: String(error.stack) }));
}
process.exit(0);
