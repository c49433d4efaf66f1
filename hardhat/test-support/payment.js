import { deploy, ether, now, signers } from "./chain.js";

export const [initiator, alice, bob, carol, stranger] = signers;
export const GROUP = "group_1";
export const DAY = 86_400;
export const ACTIVE = 0n, COMPLETED = 1n, CANCELLED = 2n;

/** The id of what a transaction created: the first argument of its first event. */
export async function createdId(sending) {
  const { logs } = await (await sending).wait();
  return logs[0].topics[1];
}

/** [GroupPayment, id of a collection of 1 ether that alice and bob take part in]. */
export async function openCollection({ target = ether("1"), participants = [alice, bob] } = {}) {
  const payments = await deploy("GroupPayment");
  const deadline = (await now()) + DAY;
  const id = await createdId(payments.createGroupCollection(GROUP, target, participants, "Cake", deadline));
  return [payments, id];
}

/** [GroupPayment, id of an AA payment of 1 ether that alice and bob share]. */
export async function openBill({ total = ether("1"), participants = [alice, bob] } = {}) {
  const payments = await deploy("GroupPayment");
  const deadline = (await now()) + DAY;
  const id = await createdId(payments.createAAPayment(GROUP, total, participants, "Dinner", deadline));
  return [payments, id];
}

/** [GroupPayment, id of a crowdfunding of 1 ether, at least 0.1 ether at a time]. */
export async function openCrowdfunding({ target = ether("1"), least = ether("0.1") } = {}) {
  const payments = await deploy("GroupPayment");
  const deadline = (await now()) + DAY;
  const id = await createdId(payments.createCrowdfunding(GROUP, target, least, "Boat", "To sail", deadline));
  return [payments, id];
}

/** Where a payment stands. */
export async function statusOf(payments, id) {
  return (await payments.getPayment(id)).status;
}

/** Where a crowdfunding stands. */
export async function fundingStatusOf(payments, id) {
  return (await payments.getCrowdfunding(id)).status;
}
