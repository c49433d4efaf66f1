import assert from "node:assert/strict";
import { at, ether, ethers, MAX, pass } from "../../test-support/chain.js";
import { emits, refusalOf, refuses, same, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, CANCELLED, COMPLETED, DAY, fundingStatusOf, initiator, openCollection, openCrowdfunding } from "../../test-support/payment.js";

const UNKNOWN = ethers.ZeroHash;
const LEAST = ether("0.1");

describe("GroupPayment: backing a crowdfunding", () => {
  let payments, id;
  beforeEach(async () => {
    [payments, id] = await openCrowdfunding();
  });
  const back = (account, value) => payments.connect(account).backCrowdfunding(id, { value });

  it("takes any number of contributions from anybody, and adds them up", async () => {
    await emits(payments, back(alice, LEAST), ["CrowdfundingBacked", id, alice, LEAST, TIME]);
    await back(alice, 2n * LEAST);
    await back(initiator, LEAST);
    assert.equal(await payments.getCrowdfundingContribution(id, alice), 3n * LEAST);
    assert.equal((await payments.getCrowdfunding(id)).collectedAmount, 4n * LEAST);
  });

  it("completes at its target with no event of its own, and takes no more", async () => {
    await back(alice, ether("0.9"));
    assert.equal(await fundingStatusOf(payments, id), ACTIVE);
    await emits(payments, back(bob, LEAST), ["CrowdfundingBacked", id, bob, LEAST, TIME]);
    assert.equal(await fundingStatusOf(payments, id), COMPLETED);
    await refuses(payments, back(bob, LEAST), "NotActive", id, 1);
  });

  it("may overshoot its target", async () => {
    await back(alice, ether("5"));
    same([(await payments.getCrowdfunding(id)).collectedAmount, await fundingStatusOf(payments, id)], [ether("5"), COMPLETED]);
  });

  it("refuses less than its minimum, and zero even where the minimum is zero", async () => {
    await refuses(payments, back(alice, LEAST - 1n), "ContributionTooSmall", LEAST - 1n, LEAST);
    [payments, id] = await openCrowdfunding({ least: 0n });
    await refuses(payments, back(alice, 0n), "ContributionIsZero");
    await back(alice, 1n);
  });

  it("with a minimum of 2^256-1 takes nothing, and nothing breaks", async () => {
    [payments, id] = await openCrowdfunding({ least: MAX });
    await refuses(payments, back(alice, ether("1")), "ContributionTooSmall", ether("1"), MAX);
    await payments.cancelCrowdfunding(id);
  });

  it("refuses an unknown id, and a payment's", async () => {
    await refuses(payments, payments.backCrowdfunding(UNKNOWN, { value: LEAST }), "CrowdfundingNotFound", UNKNOWN);
    const [others, payment] = await openCollection();
    await refuses(others, others.backCrowdfunding(payment, { value: LEAST }), "CrowdfundingNotFound", payment);
    await refuses(payments, payments.contribute(id, { value: LEAST }), "PaymentNotFound", id);
  });

  it("takes money in the second of its deadline, and none after it, while staying ACTIVE", async () => {
    await at(Number((await payments.getCrowdfunding(id)).deadline));
    await back(alice, LEAST);
    await pass(1);
    assert.equal((await refusalOf(payments, back(bob, LEAST))).name, "DeadlinePassed");
    assert.equal(await fundingStatusOf(payments, id), ACTIVE);
  });

  it("sends all that was collected to its initiator, once", async () => {
    await refuses(payments, payments.withdrawCrowdfundingFunds(id), "NotCompleted", id, 0);
    await back(alice, ether("2"));
    await refuses(payments, payments.connect(alice).withdrawCrowdfundingFunds(id), "NotInitiator", id, alice);
    await refuses(payments, payments.withdrawFunds(id), "PaymentNotFound", id);
    const withdrawn = ["FundsWithdrawn", id, initiator, ether("2"), TIME];
    await emits(payments, payments.withdrawCrowdfundingFunds(id), withdrawn);
    assert.equal(await ethers.provider.getBalance(payments), 0n);
    await refuses(payments, payments.withdrawCrowdfundingFunds(id), "AlreadyWithdrawn", id);
  });
});

describe("GroupPayment: cancelling a crowdfunding", () => {
  it("credits each backer once, in the order of backing, and then emits CrowdfundingCancelled", async () => {
    const [payments, id] = await openCrowdfunding();
    await payments.connect(bob).backCrowdfunding(id, { value: LEAST });
    await payments.connect(alice).backCrowdfunding(id, { value: LEAST });
    await payments.connect(bob).backCrowdfunding(id, { value: 2n * LEAST });
    const credits = [["RefundCredited", bob, 3n * LEAST], ["RefundCredited", alice, LEAST]];
    await emits(payments, payments.cancelCrowdfunding(id), ...credits, ["CrowdfundingCancelled", id, initiator, TIME]);
    assert.equal(await fundingStatusOf(payments, id), CANCELLED);
    assert.equal(await payments.getCrowdfundingContribution(id, bob), 0n);
    assert.equal((await payments.getCrowdfunding(id)).collectedAmount, 4n * LEAST);
  });

  it("is possible after the deadline", async () => {
    const [payments, id] = await openCrowdfunding();
    await pass(2 * DAY);
    await emits(payments, payments.cancelCrowdfunding(id), ["CrowdfundingCancelled", id, initiator, TIME]);
  });

  it("is for the initiator, and for active ones only", async () => {
    const [payments, id] = await openCrowdfunding();
    await refuses(payments, payments.connect(alice).cancelCrowdfunding(id), "NotInitiator", id, alice);
    await refuses(payments, payments.cancelCrowdfunding(UNKNOWN), "CrowdfundingNotFound", UNKNOWN);
    await refuses(payments, payments.cancelPayment(id), "PaymentNotFound", id);
    await payments.cancelCrowdfunding(id);
    await refuses(payments, payments.cancelCrowdfunding(id), "NotActive", id, 2);
    await refuses(payments, payments.backCrowdfunding(id, { value: LEAST }), "NotActive", id, 2);
    await refuses(payments, payments.withdrawCrowdfundingFunds(id), "NotCompleted", id, 2);
  });
});
