import assert from "node:assert/strict";
import { ADMIN, admin, closedGroup, ID, MEMBER, owner, roleOf, stranger, transferGroup } from "../../test-support/chat.js";
import { key, now, pass } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

/** How often the list of members names this account. */
async function listed(chat, account) {
  return (await chat.getGroupMembers(ID)).filter((address) => address === account.address).length;
}

describe("GroupChatV2: approving somebody who was invited meanwhile", () => {
  let chat;
  beforeEach(async () => {
    chat = await closedGroup();
    await chat.connect(stranger).joinGroup(ID);
    await chat.inviteMember(ID, stranger);
  });
  const approve = () => chat.connect(admin).approveJoinRequest(ID, stranger);

  it("the request stays pending, and can still be approved", async () => {
    const joined = ["MemberJoined", key(ID), stranger, TIME];
    await emits(chat, approve(), joined, ["JoinRequestApproved", key(ID), stranger, admin, TIME]);
  });

  it("the request stays pending, and can still be rejected with no effect on the member", async () => {
    await chat.rejectJoinRequest(ID, stranger);
    assert.equal(await chat.isMember(ID, stranger), true);
  });

  it("counts and lists the member twice, but the group once among the member's groups", async () => {
    await approve();
    assert.equal((await chat.getGroup(ID)).memberCount, 5n);
    assert.equal(await listed(chat, stranger), 2);
    same(await chat.getUserGroups(stranger), [ID]);
  });

  it("leaving takes away one count, and the address stays listed without being a member", async () => {
    await approve();
    await chat.connect(stranger).leaveGroup(ID);
    assert.equal((await chat.getGroup(ID)).memberCount, 4n);
    assert.equal(await listed(chat, stranger), 1);
    assert.equal(await chat.isMember(ID, stranger), false);
    same(await chat.getUserGroups(stranger), []);
    await refuses(chat, chat.connect(stranger).leaveGroup(ID), "NotMember", ID, stranger);
  });

  it("resets role, mute and joinedAt", async () => {
    await chat.muteMember(ID, stranger, true);
    await chat.setAdmin(ID, stranger, true);
    await pass(1000);
    await approve();
    same(await chat.getMember(ID, stranger), [stranger, "", MEMBER, await now(), false, false]);
    same((await chat.getGroup(ID)).admins, [admin, stranger]);
  });
});

describe("GroupChatV2: approving a request of the present owner", () => {
  let chat;
  beforeEach(async () => {
    chat = await closedGroup();
    await chat.connect(stranger).joinGroup(ID);
    await chat.inviteMember(ID, stranger);
    await transferGroup(chat, stranger);
    await chat.approveJoinRequest(ID, stranger);
  });
  const asOwner = () => chat.connect(stranger);

  it("takes the owner's role but not the ownership", async () => {
    assert.equal(await roleOf(chat, stranger), MEMBER);
    assert.equal((await chat.getGroup(ID)).owner, stranger.address);
    await asOwner().dissolveGroup(ID);
    await refuses(chat, asOwner().updateGroupInfo(ID, "x", "", ""), "NotGroupAdmin", ID, stranger);
  });

  it("the owner may then leave, and is still the owner", async () => {
    await asOwner().leaveGroup(ID);
    assert.equal(await chat.isMember(ID, stranger), false);
    assert.equal((await chat.getGroup(ID)).owner, stranger.address);
  });

  it("an owner who has left can hand the group over, and gets no role by that", async () => {
    await asOwner().leaveGroup(ID);
    await transferGroup(asOwner(), owner);
    assert.equal((await chat.getGroup(ID)).owner, owner.address);
    assert.equal(await roleOf(chat, stranger), MEMBER);
    await refuses(chat, asOwner().updateGroupInfo(ID, "x", "", ""), "NotGroupAdmin", ID, stranger);
  });

  it("the owner may be removed by an admin, being a plain member", async () => {
    await chat.connect(admin).removeMember(ID, stranger);
    assert.equal((await chat.getGroup(ID)).owner, stranger.address);
  });

  it("the owner recovers the role by a transfer to oneself", async () => {
    await transferGroup(asOwner(), stranger);
    assert.equal(await roleOf(chat, stranger), 2n);
    assert.equal(await roleOf(chat, owner), ADMIN);
  });
});
