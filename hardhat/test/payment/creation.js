import assert from "node:assert/strict";
import { at, deploy, ether, ethers, key, MAX, now } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, createdId, GROUP, initiator } from "../../test-support/payment.js";

const idOf = (prefix, counter, time) => ethers.solidityPackedKeccak256(["string", "uint256", "uint256"], [prefix, counter, time]);
const UNKNOWN = ethers.ZeroHash;

describe("GroupPayment: creating", () => {
  let payments, time, deadline;
  beforeEach(async () => {
    payments = await deploy("GroupPayment");
    time = (await now()) + 100;
    deadline = time + 1;
    await at(time);
  });
  const collection = (target = 5n, participants = [alice, bob], until = deadline) =>
    payments.createGroupCollection(GROUP, target, participants, "Cake", until);
  const bill = (total = 5n, participants = [alice, bob], until = deadline) =>
    payments.createAAPayment(GROUP, total, participants, "Dinner", until);
  const crowdfunding = (target = 5n, least = 2n, until = deadline) =>
    payments.createCrowdfunding(GROUP, target, least, "Boat", "To sail", until);

  it("a collection emits PaymentCreated of type 0, with an id of the counter and the time", async () => {
    const id = idOf("payment", 1, time);
    await emits(payments, collection(), ["PaymentCreated", id, key(GROUP), initiator, 0, 5, TIME]);
    same(await payments.getPayment(id), [id, GROUP, initiator, 0, 5, 0, 5, 0, "Cake", deadline, ACTIVE]);
  });

  it("an AA payment emits PaymentCreated of type 1, and has a share", async () => {
    const id = idOf("aa", 1, time);
    await emits(payments, bill(), ["PaymentCreated", id, key(GROUP), initiator, 1, 5, TIME]);
    same(await payments.getPayment(id), [id, GROUP, initiator, 1, 5, 0, 5, 2, "Dinner", deadline, ACTIVE]);
  });

  it("a crowdfunding emits CrowdfundingCreated", async () => {
    const id = idOf("crowdfund", 1, time);
    await emits(payments, crowdfunding(), ["CrowdfundingCreated", id, key(GROUP), initiator, 5, TIME]);
    same(await payments.getCrowdfunding(id), [id, GROUP, initiator, 5, 0, 2, "Boat", "To sail", deadline, ACTIVE]);
  });

  it("one counter numbers all kinds, and returned ids are those of the events", async () => {
    await collection();
    await at(time + 10);
    assert.equal(await createdId(bill(5n, [alice], MAX)), idOf("aa", 2, time + 10));
    await at(time + 20);
    assert.equal(await createdId(crowdfunding(5n, 0n, MAX)), idOf("crowdfund", 3, time + 20));
  });

  it("collections and AA payments are listed by group and by initiator, crowdfundings are not", async () => {
    const first = await createdId(collection());
    await createdId(crowdfunding(5n, 2n, MAX));
    const second = await createdId(bill(5n, [alice], MAX));
    await payments.connect(alice).createGroupCollection("elsewhere", 1n, [bob], "", MAX);
    same(await payments.getGroupPayments(GROUP), [first, second]);
    same(await payments.getUserPayments(initiator), [first, second]);
    same(await payments.getGroupPayments("nowhere"), []);
  });

  it("anybody may name any group, even the empty one", async () => {
    const id = await createdId(payments.connect(bob).createGroupCollection("", 1n, [alice], "", deadline));
    assert.equal((await payments.getPayment(id)).initiator, bob.address);
  });

  it("takes amounts and deadlines of up to 2^256-1", async () => {
    for (const create of [collection(MAX, [alice], MAX), bill(MAX, [alice], MAX)]) {
      const payment = await payments.getPayment(await createdId(create));
      same([payment.targetAmount, payment.deadline], [MAX, MAX]);
    }
    const funding = await payments.getCrowdfunding(await createdId(crowdfunding(MAX, MAX, MAX)));
    same([funding.targetAmount, funding.minContribution, funding.deadline], [MAX, MAX, MAX]);
  });

  it("refuses a target of zero", async () => {
    for (const call of [() => collection(0n), () => bill(0n), () => crowdfunding(0n)]) {
      await refuses(payments, call(), "TargetIsZero");
    }
  });

  it("refuses a deadline that is not later than the block", async () => {
    for (const until of [time, 0]) {
      for (const call of [() => collection(5n, [alice], until), () => bill(5n, [alice], until), () => crowdfunding(5n, 2n, until)]) {
        await refuses(payments, call(), "DeadlinePassed", until, time);
      }
    }
  });

  it("refuses a payment without participants", async () => {
    await refuses(payments, collection(5n, []), "NoParticipants");
    await refuses(payments, bill(5n, []), "NoParticipants");
  });

  it("refuses an AA payment of less than 1 wei a head", async () => {
    await refuses(payments, bill(1n), "ShareIsZero", 1, 2);
  });

  it("refuses views of unknown ids, and of the other kind's", async () => {
    const payment = await createdId(collection());
    const funding = await createdId(crowdfunding(5n, 2n, MAX));
    for (const id of [UNKNOWN, funding]) await refuses(payments, payments.getPayment(id), "PaymentNotFound", id);
    for (const id of [UNKNOWN, payment]) await refuses(payments, payments.getCrowdfunding(id), "CrowdfundingNotFound", id);
    assert.equal(await payments.hasUserPaid(UNKNOWN, alice), false);
    assert.equal(await payments.getUserContribution(UNKNOWN, alice), 0n);
    assert.equal(await payments.getCrowdfundingContribution(UNKNOWN, alice), 0n);
  });

  it("refuses money that is sent to it without a call", async () => {
    await assert.rejects(initiator.sendTransaction({ to: payments, value: ether("1") }));
  });
});
