import { deploy, signers } from "./chain.js";

export const ID = "group_1";
export const [owner, admin, member, stranger, other] = signers;
export const MEMBER = 0n, ADMIN = 1n, OWNER = 2n;

/** A chat with group_1, which anybody may join: its owner, an admin and a plain member. */
export async function openGroup() {
  const chat = await deploy("GroupChatV2");
  await chat.createGroup("Gophers", "ipfs://avatar", "We dig.", true, 10);
  await chat.connect(admin).joinGroup(ID);
  await chat.connect(member).joinGroup(ID);
  await chat.setAdmin(ID, admin, true);
  return chat;
}

/** A chat with group_1, which takes members by approval: its owner, an admin and a plain member. */
export async function closedGroup() {
  const chat = await openGroup();
  await chat.updateGroupSettings(ID, false, true, true, 10, false);
  return chat;
}

/** Transfers a group, by the overload that Ownable's one-argument form stands beside. */
export function transferGroup(chat, newOwner, groupId = ID) {
  return chat["transferOwnership(string,address)"](groupId, newOwner);
}

export async function roleOf(chat, account) {
  return (await chat.getMember(ID, account)).role;
}

/** The group's members, as a sorted list of addresses. */
export async function roster(chat) {
  return [...(await chat.getGroupMembers(ID))].sort();
}

export function sorted(...accounts) {
  return accounts.map(({ address }) => address).sort();
}
