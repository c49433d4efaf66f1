import assert from "node:assert/strict";
import { balance, deploy, ether, signers } from "../../test-support/chain.js";
import { alice, COMPLETED, LEAST, openRandom, rest, sender } from "../../test-support/packet.js";
import { createdId } from "../../test-support/payment.js";

const LEAST_SHARE = ether("0.0001");

/** The range of the next random share, [min, max) as the interface has it. */
function range(remaining, count) {
  const tenth = remaining / (count * 10n);
  return [tenth > LEAST_SHARE ? tenth : LEAST_SHARE, (remaining * 2n) / count];
}

/** Claims with new accounts until the packet is empty: the amounts, each checked to be within its range. */
async function claimAll(packets, id) {
  let [remaining, count] = await rest(packets, id);
  const amounts = [];
  for (let i = 0; count > 0n; i++, count--) {
    await packets.connect(await claimer(i)).claimRedPacket(id);
    const { amount } = (await packets.getClaimRecords(id))[i];
    checkShare(amount, remaining, count);
    remaining -= amount;
    amounts.push(amount);
  }
  return amounts;
}

function checkShare(amount, remaining, count) {
  const [min, max] = range(remaining, count);
  assert.ok(amount > 0n);
  if (count === 1n) assert.equal(amount, remaining);
  else if (max <= min) assert.equal(amount, remaining / count);
  else assert.ok(min <= amount && amount < max, `${amount} is not within [${min}, ${max})`);
}

const wallets = [];
async function claimer(i) {
  if (i + 1 < signers.length) return signers[i + 1];
  wallets[i] ??= (await import("ethers")).Wallet.createRandom(sender.provider);
  if ((await balance(wallets[i])) === 0n) await sender.sendTransaction({ to: wallets[i], value: ether("0.1") });
  return wallets[i];
}

describe("RedPacket: random shares", () => {
  it("lie in [max(remaining / 10 count, 0.0001 ether), 2 remaining / count), and sum up to the whole", async () => {
    for (const [value, count] of [[ether("1"), 3], [ether("0.01"), 10], [LEAST, 2], [ether("7") + 1n, 19]]) {
      const [packets, id] = await openRandom(value, count);
      const amounts = await claimAll(packets, id);
      assert.equal(amounts.reduce((a, b) => a + b), value);
      assert.deepEqual(await rest(packets, id), [0n, 0n, COMPLETED]);
      assert.equal(await balance(packets), 0n);
    }
  });

  it("are equal where that range is empty, so that the least packet serves a hundred", async () => {
    const [packets, id] = await openRandom(LEAST, 100);
    const amounts = await claimAll(packets, id);
    assert.deepEqual(new Set(amounts), new Set([LEAST / 100n]));
    assert.equal(await balance(packets), 0n);
  });

  it("differ from packet to packet", async () => {
    const packets = await deploy("RedPacket");
    const amounts = new Set();
    for (let i = 0; i < 10; i++) {
      const id = await createdId(packets.createRandomRedPacket("x", 2, "", { value: ether("1") }));
      await packets.connect(alice).claimRedPacket(id);
      amounts.add(await packets.getUserClaimAmount(id, alice));
    }
    assert.equal(amounts.size, 10);
  });

  it("the only share of a packet is all of it", async () => {
    const [packets, id] = await openRandom(ether("1"), 1);
    await packets.connect(alice).claimRedPacket(id);
    assert.equal(await packets.getUserClaimAmount(id, alice), ether("1"));
  });
});
