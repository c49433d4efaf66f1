import assert from "node:assert/strict";
import { at, ether, ethers, pass } from "../../test-support/chain.js";
import { emits, refusalOf, refuses, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, carol, COMPLETED, DAY, initiator, openBill, openCollection, statusOf, stranger } from "../../test-support/payment.js";

const UNKNOWN = ethers.ZeroHash;

describe("GroupPayment: paying into a collection", () => {
  let payments, id;
  beforeEach(async () => {
    [payments, id] = await openCollection();
  });
  const pay = (account, value) => payments.connect(account).contribute(id, { value });

  it("takes any amount and completes as soon as the target is reached", async () => {
    await emits(payments, pay(alice, 1n), ["PaymentContributed", id, alice, 1, TIME]);
    assert.equal(await statusOf(payments, id), ACTIVE);
    const rest = ether("1") - 1n;
    const contributed = ["PaymentContributed", id, bob, rest, TIME];
    await emits(payments, pay(bob, rest), contributed, ["PaymentCompleted", id, ether("1"), TIME]);
    assert.equal(await statusOf(payments, id), COMPLETED);
  });

  it("may overshoot its target", async () => {
    const contributed = ["PaymentContributed", id, alice, ether("3"), TIME];
    await emits(payments, pay(alice, ether("3")), contributed, ["PaymentCompleted", id, ether("3"), TIME]);
    assert.equal((await payments.getPayment(id)).collectedAmount, ether("3"));
  });

  it("remembers who paid, and how much", async () => {
    await pay(alice, 5n);
    assert.equal(await payments.hasUserPaid(id, alice), true);
    assert.equal(await payments.getUserContribution(id, alice), 5n);
    assert.equal(await payments.hasUserPaid(id, bob), false);
    assert.equal(await payments.getUserContribution(id, bob), 0n);
  });

  it("takes nothing twice from a participant, nothing from others, and no zero", async () => {
    await pay(alice, 1n);
    await refuses(payments, pay(alice, 1n), "AlreadyPaid", id, alice);
    await refuses(payments, pay(stranger, 1n), "NotParticipant", id, stranger);
    await refuses(payments, pay(initiator, 1n), "NotParticipant", id, initiator);
    await refuses(payments, pay(bob, 0n), "ContributionIsZero");
    await refuses(payments, payments.connect(alice).contribute(UNKNOWN, { value: 1n }), "PaymentNotFound", UNKNOWN);
  });

  it("takes nothing once completed or cancelled", async () => {
    await pay(alice, ether("1"));
    await refuses(payments, pay(bob, 1n), "NotActive", id, 1);
    [payments, id] = await openCollection();
    await payments.cancelPayment(id);
    await refuses(payments, pay(bob, 1n), "NotActive", id, 2);
  });

  it("takes money in the second of its deadline, and none after it, while staying ACTIVE", async () => {
    const deadline = Number((await payments.getPayment(id)).deadline);
    await at(deadline);
    await pay(alice, 1n);
    await pass(1);
    assert.equal((await refusalOf(payments, pay(bob, 1n))).name, "DeadlinePassed");
    assert.equal(await statusOf(payments, id), ACTIVE);
  });

  it("whoever is listed twice still pays once", async () => {
    [payments, id] = await openCollection({ participants: [alice, alice] });
    await pay(alice, 1n);
    await refuses(payments, pay(alice, 1n), "AlreadyPaid", id, alice);
  });

  it("sends all that was collected to its initiator, once", async () => {
    await pay(alice, ether("3"));
    const before = await ethers.provider.getBalance(payments);
    await emits(payments, payments.withdrawFunds(id), ["FundsWithdrawn", id, initiator, ether("3"), TIME]);
    assert.equal(before - (await ethers.provider.getBalance(payments)), ether("3"));
    assert.equal((await payments.getPayment(id)).collectedAmount, ether("3"));
    assert.equal(await statusOf(payments, id), COMPLETED);
    await refuses(payments, payments.withdrawFunds(id), "AlreadyWithdrawn", id);
  });

  it("gives its money to nobody else, and not before it is complete", async () => {
    await refuses(payments, payments.withdrawFunds(id), "NotCompleted", id, 0);
    await pay(alice, ether("1"));
    await refuses(payments, payments.connect(alice).withdrawFunds(id), "NotInitiator", id, alice);
    await refuses(payments, payments.withdrawFunds(UNKNOWN), "PaymentNotFound", UNKNOWN);
    await refuses(payments, payments.withdrawCrowdfundingFunds(id), "CrowdfundingNotFound", id);
  });

  it("can be withdrawn after its deadline", async () => {
    await pay(alice, ether("1"));
    await pass(2 * DAY);
    await emits(payments, payments.withdrawFunds(id), ["FundsWithdrawn", id, initiator, ether("1"), TIME]);
  });
});

describe("GroupPayment: paying an AA payment", () => {
  it("takes exactly the share from each, and completes with the last", async () => {
    const [payments, id] = await openBill();
    const half = ether("0.5");
    await refuses(payments, payments.connect(alice).contribute(id, { value: half - 1n }), "WrongShare", half - 1n, half);
    await refuses(payments, payments.connect(alice).contribute(id, { value: half + 1n }), "WrongShare", half + 1n, half);
    await refuses(payments, payments.connect(alice).contribute(id), "WrongShare", 0, half);
    await payments.connect(alice).contribute(id, { value: half });
    const contributed = ["PaymentContributed", id, bob, half, TIME];
    const paid = payments.connect(bob).contribute(id, { value: half });
    await emits(payments, paid, contributed, ["PaymentCompleted", id, ether("1"), TIME]);
  });

  it("never completes where the division left a remainder, and can then only be cancelled", async () => {
    const [payments, id] = await openBill({ total: 10n, participants: [alice, bob, carol] });
    assert.equal((await payments.getPayment(id)).perPersonAmount, 3n);
    for (const account of [alice, bob, carol]) await payments.connect(account).contribute(id, { value: 3n });
    assert.equal((await payments.getPayment(id)).collectedAmount, 9n);
    assert.equal(await statusOf(payments, id), ACTIVE);
    await refuses(payments, payments.withdrawFunds(id), "NotCompleted", id, 0);
    await payments.cancelPayment(id);
  });

  it("never completes where somebody is listed twice", async () => {
    const [payments, id] = await openBill({ total: 10n, participants: [alice, alice] });
    await payments.connect(alice).contribute(id, { value: 5n });
    await refuses(payments, payments.connect(alice).contribute(id, { value: 5n }), "AlreadyPaid", id, alice);
    assert.equal(await statusOf(payments, id), ACTIVE);
  });
});
