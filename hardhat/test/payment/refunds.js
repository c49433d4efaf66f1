import assert from "node:assert/strict";
import { balance, deploy, ether, ethers, pass } from "../../test-support/chain.js";
import { emits, refuses, TIME } from "../../test-support/expect.js";
import { alice, bob, CANCELLED, createdId, DAY, initiator, openCollection, openCrowdfunding, statusOf, stranger } from "../../test-support/payment.js";

const [ACCEPT, REFUSE, REENTER, REENTER_QUIETLY] = [0, 1, 2, 3];
const UNKNOWN = ethers.ZeroHash;
const call = (payments, name, ...args) => payments.interface.encodeFunctionData(name, args);

describe("GroupPayment: cancelling a payment", () => {
  let payments, id;
  beforeEach(async () => {
    [payments, id] = await openCollection();
    await payments.connect(bob).contribute(id, { value: 2n });
  });

  it("credits each contributor and then emits PaymentCancelled, sending no money", async () => {
    await payments.connect(alice).contribute(id, { value: 3n });
    const credits = [["RefundCredited", bob, 2], ["RefundCredited", alice, 3]];
    await emits(payments, payments.cancelPayment(id), ...credits, ["PaymentCancelled", id, initiator, TIME]);
    assert.equal(await statusOf(payments, id), CANCELLED);
    assert.equal(await balance(payments), 5n);
    assert.equal(await payments.pendingRefunds(alice), 3n);
  });

  it("sets contributions to zero, while collectedAmount keeps its value and who paid has paid", async () => {
    await payments.cancelPayment(id);
    assert.equal(await payments.getUserContribution(id, bob), 0n);
    assert.equal((await payments.getPayment(id)).collectedAmount, 2n);
    assert.equal(await payments.hasUserPaid(id, bob), true);
  });

  it("whoever is listed twice is credited once", async () => {
    [payments, id] = await openCollection({ participants: [alice, alice] });
    await payments.connect(alice).contribute(id, { value: 7n });
    await emits(payments, payments.cancelPayment(id), ["RefundCredited", alice, 7], ["PaymentCancelled", id, initiator, TIME]);
    assert.equal(await payments.pendingRefunds(alice), 7n);
  });

  it("is possible after the deadline", async () => {
    await pass(2 * DAY);
    await emits(payments, payments.cancelPayment(id), ["RefundCredited", bob, 2], ["PaymentCancelled", id, initiator, TIME]);
  });

  it("is for the initiator, and for active payments only", async () => {
    await refuses(payments, payments.connect(bob).cancelPayment(id), "NotInitiator", id, bob);
    await refuses(payments, payments.cancelPayment(UNKNOWN), "PaymentNotFound", UNKNOWN);
    await refuses(payments, payments.cancelCrowdfunding(id), "CrowdfundingNotFound", id);
    await payments.connect(alice).contribute(id, { value: ether("1") });
    await refuses(payments, payments.cancelPayment(id), "NotActive", id, 1);
  });

  it("cannot be repeated, and leaves nothing to withdraw", async () => {
    await payments.cancelPayment(id);
    await refuses(payments, payments.cancelPayment(id), "NotActive", id, 2);
    await refuses(payments, payments.withdrawFunds(id), "NotCompleted", id, 2);
  });
});

describe("GroupPayment: claiming refunds", () => {
  it("sends all that several cancellations credited, once", async () => {
    const [payments, first] = await openCollection();
    const until = (await payments.getPayment(first)).deadline;
    const second = await createdId(payments.createGroupCollection("x", 9n, [alice], "", until));
    await payments.connect(alice).contribute(first, { value: 3n });
    await payments.connect(alice).contribute(second, { value: 4n });
    await payments.cancelPayment(first);
    await payments.cancelPayment(second);
    assert.equal(await payments.pendingRefunds(alice), 7n);
    await emits(payments, payments.connect(alice).claimRefund(), ["RefundWithdrawn", alice, 7]);
    assert.equal(await balance(payments), 0n);
    assert.equal(await payments.pendingRefunds(alice), 0n);
    await refuses(payments, payments.connect(alice).claimRefund(), "NothingToRefund", alice);
  });

  it("refuses whom nothing is credited", async () => {
    const [payments] = await openCollection();
    await refuses(payments, payments.connect(stranger).claimRefund(), "NothingToRefund", stranger);
  });
});

describe("GroupPayment: contracts as users", () => {
  let payments, id, receiver;
  beforeEach(async () => {
    receiver = await deploy("Receiver");
    [payments, id] = await openCrowdfunding();
    await payments.connect(bob).backCrowdfunding(id, { value: ether("0.3") });
    await receiver.act(payments, call(payments, "backCrowdfunding", id), { value: ether("0.2") });
  });
  const claim = () => receiver.act(payments, call(payments, "claimRefund"));

  it("one who refuses money keeps nobody else from theirs, and may fetch it later", async () => {
    await receiver.prepare(REFUSE, payments, "0x");
    await payments.cancelCrowdfunding(id);
    await payments.connect(bob).claimRefund();
    await refuses(payments, claim(), "PayoutRefused", receiver, ether("0.2"));
    assert.equal(await payments.pendingRefunds(receiver), ether("0.2"));
    await receiver.prepare(ACCEPT, payments, "0x");
    await claim();
    assert.equal(await balance(receiver), ether("0.2"));
  });

  it("one who reenters claimRefund gets nothing while insisting", async () => {
    await payments.cancelCrowdfunding(id);
    await receiver.prepare(REENTER, payments, call(payments, "claimRefund"));
    await refuses(payments, claim(), "PayoutRefused", receiver, ether("0.2"));
  });

  it("one who reenters on the quiet gets the own money once, whatever function it tries", async () => {
    for (const again of ["claimRefund", "cancelCrowdfunding", "withdrawCrowdfundingFunds", "backCrowdfunding"]) {
      const snapshot = await ethers.provider.send("evm_snapshot", []);
      await payments.cancelCrowdfunding(id);
      const args = again === "claimRefund" ? [] : [id];
      await receiver.prepare(REENTER_QUIETLY, payments, call(payments, again, ...args));
      await claim();
      assert.equal(await receiver.attempts(), 1n);
      assert.equal(await receiver.successes(), 0n);
      assert.equal(await balance(receiver), ether("0.2"));
      assert.equal(await balance(payments), ether("0.3"));
      await ethers.provider.send("evm_revert", [snapshot]);
    }
  });

  it("an initiator who reenters a withdrawal gets the money once", async () => {
    const until = (await payments.getCrowdfunding(id)).deadline;
    await receiver.act(payments, call(payments, "createGroupCollection", "x", 5n, [alice.address], "", until));
    const [own] = await payments.getUserPayments(receiver);
    await payments.connect(alice).contribute(own, { value: 5n });
    const withdraw = call(payments, "withdrawFunds", own);
    await receiver.prepare(REENTER_QUIETLY, payments, withdraw);
    await receiver.act(payments, withdraw);
    assert.deepEqual([await receiver.attempts(), await receiver.successes()], [1n, 0n]);
    assert.equal(await balance(receiver), 5n);
    assert.equal(await balance(payments), ether("0.5"));
  });

  it("no payout can be asked for from within another, even one that is due", async () => {
    const until = (await payments.getCrowdfunding(id)).deadline;
    await receiver.act(payments, call(payments, "createGroupCollection", "x", 5n, [alice.address], "", until));
    const [own] = await payments.getUserPayments(receiver);
    await payments.connect(alice).contribute(own, { value: 5n });
    await payments.cancelCrowdfunding(id);
    const [withdraw, claimRefund] = [call(payments, "withdrawFunds", own), call(payments, "claimRefund")];
    await receiver.prepare(REENTER_QUIETLY, payments, withdraw);
    await receiver.act(payments, claimRefund);
    await payments.connect(bob).claimRefund();
    assert.deepEqual([await receiver.attempts(), await receiver.successes()], [1n, 0n]);
    assert.equal(await balance(payments), 5n);
  });

  it("an initiator who refuses money has withdrawn nothing", async () => {
    const until = (await payments.getCrowdfunding(id)).deadline;
    await receiver.act(payments, call(payments, "createGroupCollection", "x", 5n, [alice.address], "", until));
    const [own] = await payments.getUserPayments(receiver);
    await payments.connect(alice).contribute(own, { value: 5n });
    await receiver.prepare(REFUSE, payments, "0x");
    const withdraw = call(payments, "withdrawFunds", own);
    await refuses(payments, receiver.act(payments, withdraw), "PayoutRefused", receiver, 5);
    await receiver.prepare(ACCEPT, payments, "0x");
    await receiver.act(payments, withdraw);
    assert.equal(await balance(receiver), 5n);
  });
});

describe("GroupPayment: the pause", () => {
  it("stops everything but claimRefund", async () => {
    const [payments, id] = await openCollection();
    await payments.connect(alice).contribute(id, { value: 7n });
    await payments.cancelPayment(id);
    const { deadline } = await payments.getPayment(id);
    await payments.pause();
    const stopped = [
      () => payments.createGroupCollection("x", 1n, [alice], "", deadline),
      () => payments.createAAPayment("x", 1n, [alice], "", deadline),
      () => payments.createCrowdfunding("x", 1n, 1n, "", "", deadline),
      () => payments.contribute(id, { value: 1n }),
      () => payments.backCrowdfunding(id, { value: 1n }),
      () => payments.withdrawFunds(id),
      () => payments.withdrawCrowdfundingFunds(id),
      () => payments.cancelPayment(id),
      () => payments.cancelCrowdfunding(id),
    ];
    for (const attempt of stopped) await refuses(payments, attempt(), "EnforcedPause");
    await emits(payments, payments.connect(alice).claimRefund(), ["RefundWithdrawn", alice, 7]);
  });
});
