import assert from "node:assert/strict";
import { balance, deploy, now, pass, signers } from "../test-support/chain.js";
import { createdId } from "../test-support/payment.js";
import { LEAST } from "../test-support/packet.js";

const PEOPLE = signers.slice(0, 5);
const DAY = 86_400;
const STEPS = 200;
const STEPS_PER_CHECK = 10;

/** Random integers below n, the same in every run (xorshift). */
function dice(seed) {
  let state = seed;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** The steps that were accepted, of STEPS random ones; `check` runs now and then, and at the end. */
async function walk(actions, roll, check) {
  let accepted = 0;
  for (let i = 1; i <= STEPS; i++) {
    const action = actions[roll(actions.length)];
    accepted += await action(PEOPLE[roll(PEOPLE.length)]).then(() => 1, refusedOnly);
    if (i % STEPS_PER_CHECK === 0) await check();
  }
  return accepted;
}

function refusedOnly(error) {
  if (!/revert/i.test(error.message)) throw error;
  return 0;
}

describe("Conservation of money", () => {
  it("GroupPayment always holds the sum of active contributions, completed pots and credited refunds", async () => {
    const payments = await deploy("GroupPayment");
    const roll = dice(20251104);
    const [pots, fundings] = [[], []];
    const amount = () => BigInt(1 + roll(60));
    const pick = (list) => list[roll(list.length)];
    const until = async () => (await now()) + 1 + roll(DAY);
    const actions = [
      async (by) => pots.push(await createdId(payments.connect(by).createGroupCollection("g", amount(), PEOPLE, "", await until()))),
      async (by) => pots.push(await createdId(payments.connect(by).createAAPayment("g", amount() + 5n, PEOPLE, "", await until()))),
      async (by) => fundings.push(await createdId(payments.connect(by).createCrowdfunding("g", 100n, amount() / 4n, "", "", await until()))),
      (by) => payments.connect(by).contribute(pick(pots), { value: amount() }),
      async (by) => {
        const id = pick(pots);
        return payments.connect(by).contribute(id, { value: (await payments.getPayment(id)).perPersonAmount });
      },
      (by) => payments.connect(by).backCrowdfunding(pick(fundings), { value: amount() }),
      (by) => payments.connect(by).cancelPayment(pick(pots)),
      (by) => payments.connect(by).cancelCrowdfunding(pick(fundings)),
      (by) => payments.connect(by).withdrawFunds(pick(pots)),
      (by) => payments.connect(by).withdrawCrowdfundingFunds(pick(fundings)),
      (by) => payments.connect(by).claimRefund(),
      () => pass(roll(DAY / 20)),
    ];
    const held = async () => {
      const withdrawn = await payments.queryFilter(payments.filters.FundsWithdrawn());
      let sum = -withdrawn.reduce((total, { args }) => total + args.amount, 0n);
      for (const person of PEOPLE) sum += await payments.pendingRefunds(person);
      for (const id of pots) sum += worth(await payments.getPayment(id));
      for (const id of fundings) sum += worth(await payments.getCrowdfunding(id));
      return sum;
    };
    for (const create of actions.slice(0, 3)) await create(PEOPLE[0]);
    const accepted = await walk(actions, roll, async () => assert.equal(await balance(payments), await held()));
    assert.ok(accepted > STEPS / 4, `only ${accepted} steps were accepted`);
  });

  /** What a payment or crowdfunding holds or has paid out to its initiator: nothing once it is cancelled. */
  function worth({ status, collectedAmount }) {
    return status === 2n ? 0n : collectedAmount;
  }

  it("RedPacket always holds the sum of what remains in its packets, and a packet's claims and rest are its whole", async () => {
    const packets = await deploy("RedPacket");
    const roll = dice(86400);
    const ids = [];
    const value = () => LEAST * BigInt(1 + roll(9)) + BigInt(roll(1000));
    const pick = () => ids[roll(ids.length)];
    const actions = [
      async (by) => ids.push(await createdId(packets.connect(by).createRandomRedPacket("g", 1 + roll(6), "", { value: value() }))),
      async (by) => ids.push(await createdId(packets.connect(by).createFixedRedPacket("g", 1 + roll(6), "", { value: value() }))),
      async (by) => ids.push(await createdId(packets.connect(by).createExclusiveRedPacket("g", PEOPLE, "", { value: value() }))),
      (by) => packets.connect(by).claimRedPacket(pick()),
      (by) => packets.connect(by).claimRedPacket(ids.at(-1)),
      (by) => packets.connect(by).refundExpiredRedPacket(pick()),
      () => pass(roll(DAY / 10)),
    ];
    for (const create of actions.slice(0, 3)) await create(PEOPLE[0]);
    const accepted = await walk(actions, roll, async () => {
      let sum = 0n;
      for (const id of ids) sum += await checkedRest(packets, id);
      assert.equal(await balance(packets), sum);
    });
    assert.ok(accepted > STEPS / 4, `only ${accepted} steps were accepted`);
  });

  async function checkedRest(packets, id) {
    const { totalAmount, remainingAmount, totalCount, remainingCount, status } = await packets.getRedPacket(id);
    const claims = await packets.getClaimRecords(id);
    const claimed = claims.reduce((sum, { amount }) => sum + amount, 0n);
    assert.equal(BigInt(claims.length) + remainingCount, totalCount);
    if (status !== 3n) assert.equal(claimed + remainingAmount, totalAmount);
    if (status === 1n) assert.equal(remainingAmount, 0n);
    return remainingAmount;
  }
});
