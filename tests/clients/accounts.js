// Signs in with siwe and viem, and tries what must not work. The argument is an object as JSON: the
// API's `url`, an EVM at `rpc`, a private `key`, a `wallet` for which it signs, and a `factory` of
// such wallets. Each line that it prints is a result: `{name, error}`.
import assert from "node:assert/strict";
import { Wallet } from "ethers";
import { SiweMessage } from "siwe";
import { createPublicClient, encodeFunctionData, http, pad, parseAbi } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage, parseSiweMessage } from "viem/siwe";
import { serializeErc6492Signature } from "viem/utils";

const { url, rpc, key, wallet, factory } = JSON.parse(process.argv[2]);
const account = privateKeyToAccount(key);
const chain = createPublicClient({ transport: http(rpc) });

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) })).json();
  const problem = answer.errors?.[0];
  return problem ? { refused: problem.extensions, why: problem.message } : answer.data;
}

async function challenged(address, domain) {
  const told = await ask(`mutation ($address: Address!, $domain: String) {
    signInChallenge(address: $address, domain: $domain) {
      message domain address statement uri version chainId nonce issuedAt expirationTime notBefore } }`, { address, domain });
  assert(told.signInChallenge, told.why);
  return told.signInChallenge;
}

const signIn = (message, signature) => ask(`mutation ($message: String!, $signature: Bytes!) {
  signIn(message: $message, signature: $signature) { address accessToken refreshToken } }`, { message, signature });
const refresh = (token) => ask(`mutation ($token: String!) { refreshSession(refreshToken: $token) {
  accessToken refreshToken } }`, { token });
const me = (token) => ask("{ me { address } }", {}, token);

/** The sign-in worked, and its token speaks for the address. */
async function standsFor(told, address) {
  assert(told.signIn, told.why);
  assert.equal(told.signIn.address, address);
  assert.equal((await me(told.signIn.accessToken)).me.address, address);
  return told.signIn;
}

/** SIWE's texts have times as they stand in the message. */
const moment = (text) => new Date(text).toISOString().replace(".000Z", "Z");
const times = (made) => Object.fromEntries(["issuedAt", "expirationTime", "notBefore"].map((name) => [name, moment(made[name])]));

const suites = {
  async siwe() {
    const signer = new Wallet(key);
    const { message, ...fields } = await challenged(signer.address);
    const ours = new SiweMessage({ ...fields, ...times(fields) });
    assert.equal(ours.prepareMessage(), message);
    assert.equal(new SiweMessage(message).nonce, fields.nonce);
    const signature = await signer.signMessage(ours.prepareMessage());
    assert((await ours.verify({ signature, domain: fields.domain, nonce: fields.nonce })).success);
    await standsFor(await signIn(ours.prepareMessage(), signature), signer.address);
    assert.equal((await signIn(message, signature)).refused.field, "nonce");
  },

  async viem() {
    const { message, ...fields } = await challenged(account.address);
    const dates = Object.fromEntries(Object.entries(times(fields)).map(([name, text]) => [name, new Date(text)]));
    const read = parseSiweMessage(message);
    for (const [name, value] of Object.entries({ ...fields, ...dates })) assert.deepEqual(read[name], value);
    const inMilliseconds = createSiweMessage({ ...fields, ...dates }).replaceAll(".000Z", "Z");
    assert.equal(inMilliseconds, message);
    await standsFor(await signIn(message, await account.signMessage({ message })), account.address);
  },

  async tampered() {
    const stranger = privateKeyToAccount(generatePrivateKey());
    const later = (text) => moment(new Date(text).getTime() + 1000);
    const changes = {
      domain: () => "127.0.0.1:8000", address: () => stranger.address, statement: (text) => `${text}!`,
      uri: (text) => `${text}x`, chainId: (id) => id + 1, nonce: (text) => [...text].reverse().join(""),
      issuedAt: later, expirationTime: later, notBefore: later,
      requestId: () => "1", resources: () => ["https://evil.example/"], scheme: () => "https",
    };
    const outcomes = {};
    for (const [name, change] of Object.entries(changes)) {
      const { message, ...fields } = await challenged(account.address);
      const given = { ...fields, ...times(fields) };
      const forged = new SiweMessage({ ...given, [name]: change(given[name]) }).prepareMessage();
      assert.notEqual(forged, message);
      const { refused } = await signIn(forged, await account.signMessage({ message: forged }));
      outcomes[name] = refused?.field ?? refused?.argument ?? "signed in";
    }
    assert.deepEqual(outcomes, {
      domain: "domain", address: "address", statement: "statement", uri: "uri", chainId: "chain-id", nonce: "nonce",
      issuedAt: "issued-at", expirationTime: "expiration-time", notBefore: "not-before",
      requestId: "message", resources: "message", scheme: "message",
    });
    const { message } = await challenged(account.address);
    const second = message.replace("Version: 1", "Version: 2");
    assert.equal((await signIn(second, await account.signMessage({ message: second }))).refused.field, "version");
    const signature = await stranger.signMessage({ message: (await challenged(account.address)).message });
    assert.equal((await signIn((await challenged(account.address)).message, signature)).refused.field, "signature");
  },

  async domains() {
    const { refused } = await ask(`mutation ($address: Address!) {
      signInChallenge(address: $address, domain: "evil.example") { nonce } }`, { address: account.address });
    assert.equal(refused.argument, "domain");
    const elsewhere = await challenged(account.address, "127.0.0.1:8000");
    const { message } = await challenged(account.address);
    const swapped = message.replace(/Nonce: \w+/, `Nonce: ${elsewhere.nonce}`);
    assert.equal((await signIn(swapped, await account.signMessage({ message: swapped }))).refused.field, "domain");
    const signature = await account.signMessage({ message: elsewhere.message });
    assert.equal((await signIn(elsewhere.message, signature)).refused.field, "nonce");
  },

  async stolen() {
    const { message } = await challenged(account.address);
    const mine = await standsFor(await signIn(message, await account.signMessage({ message })), account.address);
    const next = (await refresh(mine.refreshToken)).refreshSession;
    assert.equal((await me(next.accessToken)).me.address, account.address);
    assert.equal((await refresh(mine.refreshToken)).refused.reason, "TOKEN_REUSED");
    assert.equal((await refresh(next.refreshToken)).refused.reason, "SESSION_ENDED");
    for (const token of [mine.accessToken, next.accessToken]) assert.equal((await me(token)).refused.reason, "SESSION_ENDED");
  },

  async contracts() {
    const abi = parseAbi(["function make(address,bytes32)", "function addressOf(address,bytes32) view returns (address)"]);
    const args = [account.address, pad("0x77")];
    const unborn = await chain.readContract({ address: factory, abi, functionName: "addressOf", args });
    const data = encodeFunctionData({ abi, functionName: "make", args });
    const wrap = (signature) => serializeErc6492Signature({ address: factory, data, signature });
    const stranger = privateKeyToAccount(generatePrivateKey());
    for (const [address, signer, dress, good] of [
      [wallet, account, (plain) => plain, true], [wallet, stranger, (plain) => plain, false],
      [unborn, account, wrap, true], [unborn, stranger, wrap, false], [unborn, account, (plain) => plain, false],
    ]) {
      const { message } = await challenged(address);
      const signature = dress(await signer.signMessage({ message }));
      assert.equal(await chain.verifyMessage({ address, message, signature }), good);
      const told = await signIn(message, signature);
      if (good) await standsFor(told, address);
      else assert.equal(told.refused.field, "signature");
    }
  },
};

for (const [name, run] of Object.entries(suites)) {
  const error = await run().then(() => null, (caught) => String(caught?.stack ?? caught));
  console.log(JSON.stringify({ name, error }));
}
