import assert from "node:assert/strict";
import { balance, deploy, ether, ethers, now, pass } from "../../test-support/chain.js";
import { denies, deployedCollection, deployedCrowdfunding, gains, silent } from "../../test-support/deployed.js";
import { emits, same, TIME } from "../../test-support/expect.js";
import { ACTIVE, alice, bob, CANCELLED, carol, COMPLETED, createdId, DAY, GROUP, initiator, statusOf } from "../../test-support/payment.js";

const THIRD = ether("0.3");
const REFUSE = 1, REENTER_QUIETLY = 3;
const NOTHING = ethers.id("nothing");

describe("GroupPayment as deployed: cancelling", () => {
  let payments, id;
  beforeEach(async () => {
    [payments, id] = await deployedCollection();
  });
  const pay = (by, value = THIRD) => payments.connect(by).contribute(id, { value });
  const cancel = () => payments.cancelPayment(id);

  it("sends the money back at once, and says only that it was cancelled", async () => {
    await pay(alice);
    await pay(bob, THIRD + 1n);
    const sending = async () => emits(payments, cancel(), ["PaymentCancelled", id, initiator, TIME]);
    same(await gains([alice, bob], sending), [THIRD, THIRD + 1n]);
    assert.equal(await balance(payments), 0n);
    assert.equal(await statusOf(payments, id), CANCELLED);
  });

  it("leaves what the views tell of the contributions as it was", async () => {
    await pay(alice);
    await cancel();
    assert.equal(await payments.hasUserPaid(id, alice), true);
    assert.equal(await payments.getUserContribution(id, alice), THIRD);
    assert.equal((await payments.getPayment(id)).collectedAmount, THIRD);
  });

  it("refunds twice whoever is named twice, from what others have paid in", async () => {
    const [named, other] = [await another([alice, alice]), id];
    await payments.connect(alice).contribute(named, { value: THIRD });
    await payments.connect(bob).contribute(other, { value: THIRD });
    same(await gains([alice], () => payments.cancelPayment(named)), [2n * THIRD]);
    await denies(payments, payments.cancelPayment(other), "The money was not taken");
  });

  const another = async (participants) =>
    createdId(payments.createGroupCollection(GROUP, ether("1"), participants, "More cake", (await now()) + DAY));

  it("of a crowdfunding sends the money back and says nothing", async () => {
    const funding = await deployedCrowdfunding(payments);
    for (const by of [alice, bob, alice]) await payments.connect(by).backCrowdfunding(funding, { value: ether("0.1") });
    same(await gains([alice, bob], () => silent(payments, payments.cancelCrowdfunding(funding))), [ether("0.2"), ether("0.1")]);
    const { status, collectedAmount } = await payments.getCrowdfunding(funding);
    same([status, collectedAmount], [CANCELLED, THIRD]);
    assert.equal(await payments.getCrowdfundingContribution(funding, alice), ether("0.2"));
  });

  it("is undone as a whole where one recipient refuses, or needs more than a stipend's gas", async () => {
    const receiver = await deploy("Receiver");
    const bill = await another([receiver, alice]);
    const data = payments.interface.encodeFunctionData("contribute", [bill]);
    await receiver.act(payments, data, { value: THIRD });
    for (const mode of [REFUSE, REENTER_QUIETLY]) {
      await receiver.prepare(mode, receiver, "0x");
      await denies(payments, payments.cancelPayment(bill), "The money was not taken");
    }
    assert.equal(await statusOf(payments, bill), ACTIVE);
  });

  it("is the initiator's, and only while active", async () => {
    const funding = await deployedCrowdfunding(payments);
    await denies(payments, payments.connect(alice).cancelPayment(id), "Initiator only");
    await denies(payments, payments.connect(alice).cancelCrowdfunding(funding), "Initiator only");
    await payments.cancelCrowdfunding(funding);
    await denies(payments, payments.cancelCrowdfunding(funding), "Not active");
    await denies(payments, payments.cancelPayment(funding), "Initiator only");
    await denies(payments, payments.cancelCrowdfunding(id), "Initiator only");
  });

  it("works past the deadline, when nothing can be paid any more", async () => {
    await pay(alice);
    await pass(2 * DAY);
    await denies(payments, pay(bob), "The deadline has passed");
    await cancel();
  });
});

describe("GroupPayment as deployed: what the views tell", () => {
  let payments, id;
  beforeEach(async () => {
    [payments, id] = await deployedCollection([initiator, alice]);
  });

  it("a user's payments are those created, and again those paid", async () => {
    await payments.contribute(id, { value: THIRD });
    await payments.connect(alice).contribute(id, { value: THIRD });
    await payments.backCrowdfunding(await deployedCrowdfunding(payments), { value: THIRD });
    same(await payments.getUserPayments(initiator), [id, id]);
    same(await payments.getUserPayments(alice), [id]);
    same(await payments.getUserPayments(carol), []);
  });

  it("a group's payments include its crowdfundings", async () => {
    const funding = await deployedCrowdfunding(payments);
    same(await payments.getGroupPayments(GROUP), [id, funding]);
  });

  it("a collection's total is 0, beside its target", async () => {
    const { totalAmount, targetAmount } = await payments.getPayment(id);
    same([totalAmount, targetAmount], [0, ether("1")]);
  });

  it("a crowdfunding completes with no event but the backing, and is withdrawn once", async () => {
    const funding = await deployedCrowdfunding(payments);
    const backing = payments.connect(bob).backCrowdfunding(funding, { value: ether("1.5") });
    await emits(payments, backing, ["CrowdfundingBacked", funding, bob, ether("1.5"), TIME]);
    assert.equal((await payments.getCrowdfunding(funding)).status, COMPLETED);
    const event = ["FundsWithdrawn", funding, initiator, ether("1.5"), TIME];
    await emits(payments, payments.withdrawCrowdfundingFunds(funding), event);
    await denies(payments, payments.withdrawCrowdfundingFunds(funding), "Nothing to withdraw");
  });

  it("unknown payments are empty, and take nothing", async () => {
    same((await payments.getPayment(NOTHING)).initiator, ethers.ZeroAddress);
    same((await payments.getCrowdfunding(id)).initiator, ethers.ZeroAddress);
    await denies(payments, payments.contribute(NOTHING, { value: 1 }), "Not asked to pay");
    await denies(payments, payments.backCrowdfunding(id, { value: 1 }), "The deadline has passed");
  });

  it("a crowdfunding asks for at least 1 wei a time, a shared bill for exactly the share", async () => {
    const until = (await now()) + DAY;
    await denies(payments, payments.createCrowdfunding(GROUP, 5, 0, "", "", until), "At least 1 wei each");
    const bill = await createdId(payments.createAAPayment(GROUP, 7, [alice, bob], "", until));
    await denies(payments, payments.connect(alice).contribute(bill, { value: 4 }), "Not the share");
    await payments.connect(alice).contribute(bill, { value: 3 });
    await denies(payments, payments.connect(alice).contribute(bill, { value: 3 }), "Paid already");
  });
});
