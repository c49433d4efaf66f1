import { deploy, ether, signers } from "./chain.js";
import { createdId } from "./payment.js";

export const [sender, alice, bob, carol, stranger] = signers;
export const GROUP = "group_1";
export const LIFE = 86_400;
export const ACTIVE = 0n, COMPLETED = 1n, REFUNDED = 3n;
export const LEAST = ether("0.001");

/** [RedPacket, id of a packet of three equal shares of 1 ether]. */
export async function openFixed(value = ether("3"), count = 3) {
  const packets = await deploy("RedPacket");
  return [packets, await createdId(packets.createFixedRedPacket(GROUP, count, "Luck", { value }))];
}

/** [RedPacket, id of a packet of random shares]. */
export async function openRandom(value = ether("1"), count = 3) {
  const packets = await deploy("RedPacket");
  return [packets, await createdId(packets.createRandomRedPacket(GROUP, count, "Luck", { value }))];
}

/** [RedPacket, id of a packet of 3 ether for these]. */
export async function openExclusive(recipients = [alice, bob, carol], value = ether("3")) {
  const packets = await deploy("RedPacket");
  return [packets, await createdId(packets.createExclusiveRedPacket(GROUP, recipients, "Yours", { value }))];
}

/** The packet's [remainingAmount, remainingCount, status]. */
export async function rest(packets, id) {
  const { remainingAmount, remainingCount, status } = await packets.getRedPacket(id);
  return [remainingAmount, remainingCount, status];
}
