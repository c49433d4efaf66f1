import assert from "node:assert/strict";
import { deploy, ether, ethers, key, now } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, carol, GROUP, LEAST, LIFE, sender, stranger } from "../../test-support/packet.js";
import { createdId } from "../../test-support/payment.js";

const UNKNOWN = ethers.ZeroHash;

describe("RedPacket: creating", () => {
  let packets;
  beforeEach(async () => {
    packets = await deploy("RedPacket");
  });
  const random = (value, count = 3) => packets.createRandomRedPacket(GROUP, count, "Luck", { value });
  const fixed = (value, count = 3) => packets.createFixedRedPacket(GROUP, count, "Luck", { value });
  const exclusive = (value, recipients = [alice, bob, carol]) =>
    packets.createExclusiveRedPacket(GROUP, recipients, "Luck", { value });
  const newest = async () => (await packets.getUserSentRedPackets(sender)).at(-1);

  async function stores(sending, packetType, fixedAmount, recipients) {
    await emits(packets, sending, ["RedPacketCreated", await newest(), key(GROUP), sender, packetType, ether("1"), 3, TIME]);
    const [id, time] = [await newest(), await now()];
    const amounts = [ether("1"), ether("1"), 3, 3, fixedAmount];
    const packet = [id, GROUP, sender, packetType, ...amounts, "Luck", time, time + LIFE, ACTIVE];
    same(await packets.getRedPacket(id), packet);
    same(await packets.getExclusiveRecipients(id), recipients);
    same(await packets.getRedPacketRecipients(id), []);
    same(await packets.getClaimRecords(id), []);
  }

  it("a random packet has no fixed amount and no recipients", async () => {
    await stores(await random(ether("1")), 0, 0, []);
  });

  it("a fixed packet has the share that the division gives", async () => {
    await stores(await fixed(ether("1")), 1, ether("1") / 3n, []);
  });

  it("an exclusive packet has equal shares, and names its recipients", async () => {
    await stores(await exclusive(ether("1")), 2, ether("1") / 3n, [alice, bob, carol]);
  });

  it("takes 0.001 ether and more, in total", async () => {
    assert.equal(await packets.MIN_AMOUNT(), LEAST);
    for (const create of [random, fixed, exclusive]) {
      await create(LEAST);
      await refuses(packets, create(LEAST - 1n), "AmountTooSmall", LEAST - 1n, LEAST);
      await refuses(packets, create(0n), "AmountTooSmall", 0, LEAST);
    }
  });

  it("has 1 to 100 shares", async () => {
    assert.equal(await packets.MAX_COUNT(), 100n);
    for (const create of [random, fixed]) {
      await create(LEAST, 1);
      await create(LEAST, 100);
      for (const count of [0n, 101n, ethers.MaxUint256]) {
        await refuses(packets, create(LEAST, count), "CountOutOfRange", count, 100);
      }
    }
    await exclusive(LEAST, Array(100).fill(alice));
    await refuses(packets, exclusive(LEAST, []), "CountOutOfRange", 0, 100);
    await refuses(packets, exclusive(LEAST, Array(101).fill(alice)), "CountOutOfRange", 101, 100);
  });

  it("gives each packet an id of its own, listed by group and by sender", async () => {
    const ids = [await createdId(random(LEAST)), await createdId(fixed(LEAST)), await createdId(exclusive(LEAST))];
    await packets.connect(alice).createFixedRedPacket("elsewhere", 1, "", { value: LEAST });
    assert.equal(new Set(ids).size, 3);
    same(await packets.getGroupRedPackets(GROUP), ids);
    same(await packets.getUserSentRedPackets(sender), ids);
    same(await packets.getUserClaimedRedPackets(sender), []);
  });

  it("keeps the same recipient twice where the sender names them twice", async () => {
    const id = await createdId(exclusive(LEAST, [alice, alice, sender]));
    same(await packets.getExclusiveRecipients(id), [alice, alice, sender]);
  });

  it("refuses money that is sent to it without a call", async () => {
    await assert.rejects(sender.sendTransaction({ to: packets, value: ether("1") }));
  });
});

describe("RedPacket: views of what does not exist", () => {
  it("getRedPacket refuses, the others answer that there is nothing", async () => {
    const packets = await deploy("RedPacket");
    await refuses(packets, packets.getRedPacket(UNKNOWN), "RedPacketNotFound", UNKNOWN);
    assert.equal(await packets.isClaimable(UNKNOWN, stranger), false);
    assert.equal(await packets.hasUserClaimed(UNKNOWN, stranger), false);
    assert.equal(await packets.getUserClaimAmount(UNKNOWN, stranger), 0n);
    for (const list of [packets.getClaimRecords, packets.getExclusiveRecipients, packets.getRedPacketRecipients]) {
      same(await list(UNKNOWN), []);
    }
    same(await packets.getGroupRedPackets(GROUP), []);
  });
});
