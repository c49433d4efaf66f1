import assert from "node:assert/strict";
import { deploy, ether, ethers, pass } from "../../test-support/chain.js";
import { denies } from "../../test-support/deployed.js";
import { emits, same, TIME } from "../../test-support/expect.js";
import { alice, bob, carol, GROUP, LEAST, LIFE, rest, sender } from "../../test-support/packet.js";
import { createdId } from "../../test-support/payment.js";

describe("RedPacket as deployed", () => {
  let packets;
  beforeEach(async () => {
    packets = await deploy("DeployedRedPacket");
  });
  const fixed = (count, value) => packets.createFixedRedPacket(GROUP, count, "Luck", { value });
  const random = (count, value) => packets.createRandomRedPacket(GROUP, count, "Luck", { value });
  const exclusive = (named, value) => packets.createExclusiveRedPacket(GROUP, named, "Yours", { value });

  it("takes equal shares without a rest only, of at least MIN_AMOUNT each", async () => {
    await denies(packets, fixed(3, ether("1")), "No equal shares");
    await denies(packets, exclusive([alice, bob, carol], ether("1")), "No equal shares");
    for (const create of [fixed, random]) await denies(packets, create(3, 3n * LEAST - 3n), "Too little");
    for (const count of [0, 101]) await denies(packets, random(count, ether("1")), "1 to 100 shares");
    await fixed(3, 3n * LEAST);
  });

  it("shares out all of a random packet, and never nothing", async () => {
    const id = await createdId(random(3, 3n * LEAST + 1n));
    for (const by of [alice, bob, carol]) await packets.connect(by).claimRedPacket(id);
    const records = await packets.getClaimRecords(id);
    assert.equal(records.reduce((sum, { amount }) => sum + amount, 0n), 3n * LEAST + 1n);
    assert.ok(records.every(({ amount }) => amount > 0n));
    same(await rest(packets, id), [0, 0, 1]);
  });

  it("tells of claims as they come, and of the end with the last one", async () => {
    const id = await createdId(exclusive([alice, bob], 2n * LEAST));
    await denies(packets, packets.connect(carol).claimRedPacket(id), "Not to be claimed");
    await emits(packets, packets.connect(bob).claimRedPacket(id), ["RedPacketClaimed", id, bob, LEAST, 1, TIME]);
    const [claimed, completed] = [["RedPacketClaimed", id, alice, LEAST, 2, TIME], ["RedPacketCompleted", id, TIME]];
    await emits(packets, packets.connect(alice).claimRedPacket(id), claimed, completed);
    same(await packets.getRedPacketRecipients(id), [bob, alice]);
    same(await packets.getExclusiveRecipients(id), [alice, bob]);
  });

  it("gives an expired packet's rest back to its sender, once", async () => {
    const id = await createdId(fixed(2, 2n * LEAST));
    await packets.connect(alice).claimRedPacket(id);
    await denies(packets, packets.refundExpiredRedPacket(id), "Not expired");
    await pass(LIFE + 1);
    assert.equal(await packets.isClaimable(id, bob), false);
    await denies(packets, packets.connect(bob).refundExpiredRedPacket(id), "Sender only");
    const [refunded, expired] = [["RedPacketRefunded", id, sender, LEAST, TIME], ["RedPacketExpired", id, TIME]];
    await emits(packets, packets.refundExpiredRedPacket(id), refunded, expired);
    await denies(packets, packets.refundExpiredRedPacket(id), "Nothing to fetch");
    same(await rest(packets, id), [0, 1, 3]);
  });

  it("answers empty values of what is unknown", async () => {
    const id = ethers.id("nothing");
    const { sender: nobody, createdAt, expireAt } = await packets.getRedPacket(id);
    same([nobody, createdAt, expireAt], [ethers.ZeroAddress, 0, 0]);
    assert.equal(await packets.isClaimable(id, alice), false);
    await denies(packets, packets.connect(alice).claimRedPacket(id), "Not to be claimed");
  });
});
