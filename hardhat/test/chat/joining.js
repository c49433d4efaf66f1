import assert from "node:assert/strict";
import { closedGroup, ID, MEMBER, admin, member, openGroup, owner, other, roster, sorted, stranger } from "../../test-support/chat.js";
import { key, NOBODY, now } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

describe("GroupChatV2: joining", () => {
  it("whoever joins an open group is a member at once", async () => {
    const chat = await openGroup();
    await emits(chat, chat.connect(stranger).joinGroup(ID), ["MemberJoined", key(ID), stranger, TIME]);
    same(await chat.getMember(ID, stranger), [stranger, "", MEMBER, await now(), false, false]);
    same(await chat.getUserGroups(stranger), [ID]);
    assert.deepEqual(await roster(chat), sorted(owner, admin, member, stranger));
    assert.equal((await chat.getGroup(ID)).memberCount, 4n);
  });

  it("requireApproval alone decides, not isPublic", async () => {
    const chat = await openGroup();
    await chat.updateGroupSettings(ID, false, true, false, 10, false);
    await chat.connect(stranger).joinGroup(ID);
    assert.equal(await chat.isMember(ID, stranger), true);
    await chat.updateGroupSettings(ID, true, true, true, 10, false);
    await chat.connect(other).joinGroup(ID);
    assert.equal(await chat.isMember(ID, other), false);
  });

  it("refuses an unknown group, a member, a full group and a dissolved one", async () => {
    const chat = await openGroup();
    await refuses(chat, chat.joinGroup("group_2"), "GroupNotFound", "group_2");
    await refuses(chat, chat.connect(member).joinGroup(ID), "AlreadyMember", ID, member);
    await chat.updateGroupSettings(ID, true, true, false, 3, false);
    await refuses(chat, chat.connect(stranger).joinGroup(ID), "GroupFull", ID, 3);
    await chat.updateGroupSettings(ID, true, true, false, 4, false);
    await chat.dissolveGroup(ID);
    await refuses(chat, chat.connect(stranger).joinGroup(ID), "GroupInactive", ID);
  });
});

describe("GroupChatV2: asking to join", () => {
  let chat;
  beforeEach(async () => {
    chat = await closedGroup();
  });
  const ask = () => chat.connect(stranger).joinGroup(ID);

  it("creates a request and no member, and can be repeated", async () => {
    await emits(chat, ask(), ["JoinRequestCreated", key(ID), stranger, TIME]);
    await emits(chat, ask(), ["JoinRequestCreated", key(ID), stranger, TIME]);
    assert.equal(await chat.isMember(ID, stranger), false);
  });

  it("a full or dissolved group takes no requests", async () => {
    await chat.updateGroupSettings(ID, false, true, true, 3, false);
    await refuses(chat, ask(), "GroupFull", ID, 3);
    await chat.dissolveGroup(ID);
    await refuses(chat, ask(), "GroupInactive", ID);
  });

  it("an approval emits MemberJoined and then JoinRequestApproved", async () => {
    await ask();
    const joined = ["MemberJoined", key(ID), stranger, TIME];
    const approved = ["JoinRequestApproved", key(ID), stranger, admin, TIME];
    await emits(chat, chat.connect(admin).approveJoinRequest(ID, stranger), joined, approved);
    assert.equal(await chat.isMember(ID, stranger), true);
  });

  it("an approval looks neither at capacity, nor at isActive, nor at the pause", async () => {
    await ask();
    await chat.updateGroupSettings(ID, false, true, true, 3, false);
    await chat.dissolveGroup(ID);
    await chat.pause();
    await chat.approveJoinRequest(ID, stranger);
    assert.equal((await chat.getGroup(ID)).memberCount, 4n);
  });

  it("a rejection emits JoinRequestRejected and lets the requester ask again", async () => {
    await ask();
    const rejected = ["JoinRequestRejected", key(ID), stranger, admin, TIME];
    await emits(chat, chat.connect(admin).rejectJoinRequest(ID, stranger), rejected);
    await refuses(chat, chat.approveJoinRequest(ID, stranger), "NoJoinRequest", ID, stranger);
    await emits(chat, ask(), ["JoinRequestCreated", key(ID), stranger, TIME]);
  });

  it("a request is used up by its approval, however often it was made", async () => {
    await ask();
    await ask();
    await chat.approveJoinRequest(ID, stranger);
    await refuses(chat, chat.approveJoinRequest(ID, stranger), "NoJoinRequest", ID, stranger);
    await refuses(chat, chat.rejectJoinRequest(ID, stranger), "NoJoinRequest", ID, stranger);
  });

  it("members and strangers decide on no requests", async () => {
    await ask();
    for (const account of [member, stranger]) {
      const as = chat.connect(account);
      await refuses(chat, as.approveJoinRequest(ID, stranger), "NotGroupAdmin", ID, account);
      await refuses(chat, as.rejectJoinRequest(ID, stranger), "NotGroupAdmin", ID, account);
    }
    await refuses(chat, chat.approveJoinRequest("x", stranger), "GroupNotFound", "x");
    await refuses(chat, chat.rejectJoinRequest("x", stranger), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: inviting", () => {
  let chat;
  beforeEach(async () => {
    chat = await closedGroup();
  });

  it("makes the invitee a member at once, even where approval is required", async () => {
    await emits(chat, chat.connect(member).inviteMember(ID, stranger), ["MemberJoined", key(ID), stranger, TIME]);
    assert.equal(await chat.isMember(ID, stranger), true);
  });

  it("is for admins and the owner where allowMemberInvite is off", async () => {
    await chat.updateGroupSettings(ID, false, false, true, 10, false);
    await refuses(chat, chat.connect(member).inviteMember(ID, stranger), "InviteNotAllowed", ID, member);
    await chat.connect(admin).inviteMember(ID, stranger);
    await chat.inviteMember(ID, other);
  });

  it("refuses strangers as inviters, members and nobody as invitees", async () => {
    await refuses(chat, chat.connect(stranger).inviteMember(ID, other), "NotMember", ID, stranger);
    await refuses(chat, chat.inviteMember(ID, member), "AlreadyMember", ID, member);
    await refuses(chat, chat.inviteMember(ID, NOBODY), "InviteeIsZero");
    await refuses(chat, chat.inviteMember("x", stranger), "GroupNotFound", "x");
  });

  it("refuses where the group is full or dissolved", async () => {
    await chat.updateGroupSettings(ID, false, true, true, 3, false);
    await refuses(chat, chat.inviteMember(ID, stranger), "GroupFull", ID, 3);
    await chat.dissolveGroup(ID);
    await refuses(chat, chat.inviteMember(ID, stranger), "GroupInactive", ID);
  });
});
