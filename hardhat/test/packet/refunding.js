import assert from "node:assert/strict";
import { at, balance, deploy, ether, ethers, pass } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";
import { alice, bob, carol, LIFE, openExclusive, openFixed, openRandom, REFUNDED, rest, sender } from "../../test-support/packet.js";
import { createdId } from "../../test-support/payment.js";

const [ACCEPT, REFUSE, , REENTER_QUIETLY] = [0, 1, 2, 3];

describe("RedPacket: refunding an expired packet", () => {
  let packets, id;
  beforeEach(async () => {
    [packets, id] = await openFixed();
    await packets.connect(alice).claimRedPacket(id);
  });
  const refund = (account = sender) => packets.connect(account).refundExpiredRedPacket(id);

  it("sends the rest to the sender, and emits RedPacketRefunded and then RedPacketExpired", async () => {
    await pass(LIFE + 1);
    const refunded = ["RedPacketRefunded", id, sender, ether("2"), TIME];
    await emits(packets, refund(), refunded, ["RedPacketExpired", id, TIME]);
    assert.equal(await balance(packets), 0n);
    assert.deepEqual(await rest(packets, id), [0n, 2n, REFUNDED]);
  });

  it("is possible from the second after expireAt", async () => {
    const { expireAt } = await packets.getRedPacket(id);
    await at(Number(expireAt));
    await refuses(packets, refund(), "NotExpired", id, expireAt);
    await at(Number(expireAt) + 1);
    await refund();
  });

  it("is for the sender only, and once", async () => {
    await pass(LIFE + 1);
    await refuses(packets, refund(alice), "NotSender", id, alice);
    await refuses(packets, packets.refundExpiredRedPacket(ethers.ZeroHash), "RedPacketNotFound", ethers.ZeroHash);
    await refund();
    await refuses(packets, refund(), "NotActive", id, 3);
    await refuses(packets, packets.connect(bob).claimRedPacket(id), "NotActive", id, 3);
  });

  it("is not for a packet that was claimed to the end", async () => {
    await packets.connect(bob).claimRedPacket(id);
    await packets.connect(carol).claimRedPacket(id);
    await pass(LIFE + 1);
    await refuses(packets, refund(), "NotActive", id, 1);
  });

  it("gives back the share that nobody could claim", async () => {
    [packets, id] = await openExclusive([alice, alice, sender]);
    await packets.connect(alice).claimRedPacket(id);
    await pass(LIFE + 1);
    await emits(packets, refund(), ["RedPacketRefunded", id, sender, ether("2"), TIME], ["RedPacketExpired", id, TIME]);
  });

  it("gives back all of a random packet that nobody claimed", async () => {
    [packets, id] = await openRandom();
    await pass(LIFE + 1);
    await refund();
    assert.equal(await balance(packets), 0n);
  });
});

describe("RedPacket: contracts as senders", () => {
  let packets, id, receiver, refundData;
  beforeEach(async () => {
    packets = await deploy("RedPacket");
    receiver = await deploy("Receiver");
    await packets.createFixedRedPacket("other", 1, "", { value: ether("5") });
    const create = packets.interface.encodeFunctionData("createFixedRedPacket", ["own", 2, ""]);
    id = await createdId(receiver.act(packets, create, { value: ether("2") }));
    refundData = packets.interface.encodeFunctionData("refundExpiredRedPacket", [id]);
    await pass(LIFE + 1);
  });

  it("one who reenters gets the rest once", async () => {
    await receiver.prepare(REENTER_QUIETLY, packets, refundData);
    await receiver.act(packets, refundData);
    assert.deepEqual([await receiver.attempts(), await receiver.successes()], [1n, 0n]);
    assert.equal(await balance(receiver), ether("2"));
    assert.equal(await balance(packets), ether("5"));
  });

  it("one who refuses money may fetch it later", async () => {
    await receiver.prepare(REFUSE, packets, "0x");
    await refuses(packets, receiver.act(packets, refundData), "PayoutRefused", receiver, ether("2"));
    await receiver.prepare(ACCEPT, packets, "0x");
    await receiver.act(packets, refundData);
    assert.equal(await balance(receiver), ether("2"));
  });
});

describe("RedPacket: the pause", () => {
  it("stops everything but refundExpiredRedPacket", async () => {
    const [packets, id] = await openFixed();
    const value = ether("1");
    await packets.pause();
    await refuses(packets, packets.createRandomRedPacket("x", 1, "", { value }), "EnforcedPause");
    await refuses(packets, packets.createFixedRedPacket("x", 1, "", { value }), "EnforcedPause");
    await refuses(packets, packets.createExclusiveRedPacket("x", [alice], "", { value }), "EnforcedPause");
    await refuses(packets, packets.connect(alice).claimRedPacket(id), "EnforcedPause");
    await pass(LIFE + 1);
    await packets.refundExpiredRedPacket(id);
    same((await rest(packets, id))[2], REFUNDED);
  });
});
