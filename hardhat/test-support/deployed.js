import { balance, deploy, ether, now } from "./chain.js";
import { admin, ID, member, stranger } from "./chat.js";
import { emits, refuses } from "./expect.js";
import { alice, bob, createdId, DAY, GROUP } from "./payment.js";

/** A chat as deployed, with group_1, which takes members by approval: owner, admin, plain member, and a stranger who asks. */
export async function deployedGroup() {
  const chat = await deploy("DeployedGroupChatV2");
  await chat.createGroup("Gophers", "ipfs://avatar", "We dig.", false, 10);
  for (const invited of [admin, member]) await chat.inviteMember(ID, invited);
  await chat.setAdmin(ID, admin, true);
  await chat.connect(stranger).joinGroup(ID);
  return chat;
}

/** [GroupPayment as deployed, id of a collection of 1 ether that these take part in]. */
export async function deployedCollection(participants = [alice, bob]) {
  const payments = await deploy("DeployedGroupPayment");
  const deadline = (await now()) + DAY;
  const sending = payments.createGroupCollection(GROUP, ether("1"), participants, "Cake", deadline);
  return [payments, await createdId(sending)];
}

/** The id of a new crowdfunding of 1 ether, at least 0.1 ether at a time. */
export async function deployedCrowdfunding(payments) {
  const deadline = (await now()) + DAY;
  return createdId(payments.createCrowdfunding(GROUP, ether("1"), ether("0.1"), "Boat", "To sail", deadline));
}

/** The call is accepted and has no log at all. */
export async function silent(contract, sending) {
  await emits(contract, sending);
}

/** The call is refused for this reason. */
export async function denies(contract, calling, reason) {
  await refuses(contract, calling, "Error", reason);
}

/** What sending does to the balance of each account, in wei; the accounts send nothing themselves. */
export async function gains(accounts, sending) {
  const before = await Promise.all(accounts.map((account) => balance(account)));
  await sending();
  const after = await Promise.all(accounts.map((account) => balance(account)));
  return after.map((held, i) => held - before[i]);
}
