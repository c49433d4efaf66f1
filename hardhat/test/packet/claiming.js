import assert from "node:assert/strict";
import { at, balance, deploy, ether, ethers, now } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, carol, COMPLETED, LIFE, openExclusive, openFixed, rest, sender, stranger } from "../../test-support/packet.js";

const [ACCEPT, REFUSE, REENTER, REENTER_QUIETLY] = [0, 1, 2, 3];
const UNKNOWN = ethers.ZeroHash;
const ONE = ether("1");

describe("RedPacket: claiming", () => {
  let packets, id;
  beforeEach(async () => {
    [packets, id] = await openFixed();
  });
  const claim = (account) => packets.connect(account).claimRedPacket(id);

  it("sends a share, and counts the claims from 1", async () => {
    await emits(packets, claim(alice), ["RedPacketClaimed", id, alice, ONE, 1, TIME]);
    const first = await now();
    await emits(packets, claim(bob), ["RedPacketClaimed", id, bob, ONE, 2, TIME]);
    assert.deepEqual(await rest(packets, id), [ONE, 1n, ACTIVE]);
    assert.equal(await balance(packets), ONE);
    same(await packets.getClaimRecords(id), [[id, alice, ONE, first, 1], [id, bob, ONE, await now(), 2]]);
    assert.equal(await packets.hasUserClaimed(id, alice), true);
    assert.equal(await packets.getUserClaimAmount(id, alice), ONE);
    same(await packets.getUserClaimedRedPackets(alice), [id]);
    assert.equal(await packets.hasUserClaimed(id, carol), false);
  });

  it("is complete with the last claim", async () => {
    await claim(alice);
    await claim(bob);
    const claimed = ["RedPacketClaimed", id, carol, ONE, 3, TIME];
    await emits(packets, claim(carol), claimed, ["RedPacketCompleted", id, TIME]);
    assert.deepEqual(await rest(packets, id), [0n, 0n, COMPLETED]);
    await refuses(packets, claim(stranger), "NotActive", id, 1);
  });

  it("gives the last claimer what the division left", async () => {
    [packets, id] = await openFixed(ONE + 2n, 3);
    const share = (ONE + 2n) / 3n;
    for (const account of [alice, bob, carol]) await claim(account);
    const amounts = (await packets.getClaimRecords(id)).map((record) => record.amount);
    assert.deepEqual(amounts, [share, share, ONE + 2n - 2n * share]);
    assert.equal(await balance(packets), 0n);
  });

  it("is refused to the sender, to whoever has claimed, and for an unknown packet", async () => {
    await refuses(packets, claim(sender), "OwnPacket", id);
    await claim(alice);
    await refuses(packets, claim(alice), "AlreadyClaimed", id, alice);
    await refuses(packets, packets.claimRedPacket(UNKNOWN), "RedPacketNotFound", UNKNOWN);
  });

  it("is possible in the second expireAt, and not after it, while the packet stays ACTIVE", async () => {
    const { expireAt, createdAt } = await packets.getRedPacket(id);
    assert.equal(expireAt - createdAt, BigInt(LIFE));
    await at(Number(expireAt));
    await claim(alice);
    assert.equal(await packets.isClaimable.staticCall(id, bob), true);
    await at(Number(expireAt) + 1);
    await ethers.provider.send("evm_mine", []);
    await refuses(packets, claim(bob), "Expired", id, expireAt);
    assert.equal(await packets.isClaimable(id, bob), false);
    assert.equal((await rest(packets, id))[2], ACTIVE);
  });
});

describe("RedPacket: claiming an exclusive packet", () => {
  it("is for the named addresses only", async () => {
    const [packets, id] = await openExclusive([alice, bob]);
    await refuses(packets, packets.connect(stranger).claimRedPacket(id), "NotRecipient", id, stranger);
    await packets.connect(alice).claimRedPacket(id);
    const claimed = ["RedPacketClaimed", id, bob, ether("1.5"), 2, TIME];
    await emits(packets, packets.connect(bob).claimRedPacket(id), claimed, ["RedPacketCompleted", id, TIME]);
  });

  it("a recipient named twice leaves a share that nobody can claim", async () => {
    const [packets, id] = await openExclusive([alice, alice, bob]);
    await packets.connect(alice).claimRedPacket(id);
    await packets.connect(bob).claimRedPacket(id);
    await refuses(packets, packets.connect(alice).claimRedPacket(id), "AlreadyClaimed", id, alice);
    assert.deepEqual(await rest(packets, id), [ONE, 1n, ACTIVE]);
  });

  it("the sender, if named, leaves a share that nobody can claim", async () => {
    const [packets, id] = await openExclusive([sender, bob]);
    await packets.connect(bob).claimRedPacket(id);
    await refuses(packets, packets.claimRedPacket(id), "OwnPacket", id);
    assert.deepEqual(await rest(packets, id), [ether("1.5"), 1n, ACTIVE]);
  });
});

describe("RedPacket: isClaimable", () => {
  it("says exactly whom claimRedPacket would accept", async () => {
    for (const open of [openFixed, openExclusive]) {
      const [packets, id] = await open();
      await packets.connect(alice).claimRedPacket(id);
      await agree(packets, id);
      await packets.connect(bob).claimRedPacket(id);
      await packets.connect(carol).claimRedPacket(id);
      await agree(packets, id);
      assert.deepEqual([...(await packets.getRedPacketRecipients(id))], [alice, bob, carol].map((one) => one.address));
    }
  });

  it("does not look at the pause", async () => {
    const [packets, id] = await openFixed();
    await packets.pause();
    assert.equal(await packets.isClaimable(id, alice), true);
  });

  async function agree(packets, id) {
    for (const account of [sender, alice, bob, carol, stranger]) {
      const attempt = packets.connect(account).claimRedPacket.staticCall(id);
      const accepted = await attempt.then(() => true, () => false);
      assert.equal(await packets.isClaimable(id, account), accepted);
    }
  }
});

describe("RedPacket: contracts as claimers", () => {
  let packets, id, receiver, claimData;
  beforeEach(async () => {
    receiver = await deploy("Receiver");
    [packets, id] = await openFixed();
    claimData = packets.interface.encodeFunctionData("claimRedPacket", [id]);
  });

  it("one who refuses money has claimed nothing, and may claim later", async () => {
    await receiver.prepare(REFUSE, packets, "0x");
    await refuses(packets, receiver.act(packets, claimData), "PayoutRefused", receiver, ONE);
    assert.equal(await packets.hasUserClaimed(id, receiver), false);
    assert.deepEqual(await rest(packets, id), [ether("3"), 3n, ACTIVE]);
    await receiver.prepare(ACCEPT, packets, "0x");
    await receiver.act(packets, claimData);
    assert.equal(await balance(receiver), ONE);
  });

  it("one who reenters gets nothing while insisting", async () => {
    await receiver.prepare(REENTER, packets, claimData);
    await refuses(packets, receiver.act(packets, claimData), "PayoutRefused", receiver, ONE);
    assert.equal(await balance(packets), ether("3"));
  });

  it("one who reenters on the quiet gets one share", async () => {
    await receiver.prepare(REENTER_QUIETLY, packets, claimData);
    await receiver.act(packets, claimData);
    assert.deepEqual([await receiver.attempts(), await receiver.successes()], [1n, 0n]);
    assert.equal(await balance(receiver), ONE);
    assert.equal(await balance(packets), ether("2"));
  });

  it("one cannot claim a second packet from within a claim either", async () => {
    await packets.createFixedRedPacket("x", 1, "", { value: ONE });
    const [other] = await packets.getGroupRedPackets("x");
    const again = packets.interface.encodeFunctionData("claimRedPacket", [other]);
    await receiver.prepare(REENTER_QUIETLY, packets, again);
    await receiver.act(packets, claimData);
    assert.deepEqual([await receiver.attempts(), await receiver.successes()], [1n, 0n]);
  });
});
