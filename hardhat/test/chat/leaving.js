import assert from "node:assert/strict";
import { admin, ID, MEMBER, member, openGroup, other, owner, roster, sorted, stranger } from "../../test-support/chat.js";
import { key, now, pass } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

describe("GroupChatV2: leaving", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });

  it("deletes the member's record", async () => {
    await emits(chat, chat.connect(member).leaveGroup(ID), ["MemberLeft", key(ID), member, TIME]);
    assert.equal(await chat.isMember(ID, member), false);
    assert.deepEqual(await roster(chat), sorted(owner, admin));
    assert.equal((await chat.getGroup(ID)).memberCount, 2n);
    same(await chat.getUserGroups(member), []);
  });

  it("role, mute and joinedAt start afresh on a rejoin", async () => {
    await chat.muteMember(ID, admin, true);
    await chat.connect(admin).leaveGroup(ID);
    await pass(1000);
    await chat.connect(admin).joinGroup(ID);
    same(await chat.getMember(ID, admin), [admin, "", MEMBER, await now(), false, false]);
  });

  it("an admin who leaves or is removed stays in admins, once, also after a new appointment", async () => {
    await chat.setAdmin(ID, member, true);
    await chat.connect(admin).leaveGroup(ID);
    await chat.removeMember(ID, member);
    same((await chat.getGroup(ID)).admins, [admin, member]);
    await chat.connect(admin).joinGroup(ID);
    await chat.setAdmin(ID, admin, true);
    same((await chat.getGroup(ID)).admins, [member, admin]);
  });

  it("the owner cannot leave", async () => {
    await refuses(chat, chat.leaveGroup(ID), "OwnerCannotLeave", ID);
  });

  it("strangers cannot leave, and nobody an unknown group", async () => {
    await refuses(chat, chat.connect(stranger).leaveGroup(ID), "NotMember", ID, stranger);
    await refuses(chat, chat.leaveGroup("x"), "GroupNotFound", "x");
  });

  it("takes the right one from a user's groups, whatever its place", async () => {
    for (const name of ["two", "three", "four"]) await chat.connect(other).createGroup(name, "", "", true, 2);
    for (const n of [2, 3, 4]) await chat.connect(member).joinGroup(`group_${n}`);
    const left = [];
    for (const n of [2, 4, 1, 3]) {
      await chat.connect(member).leaveGroup(`group_${n}`);
      left.push([...(await chat.getUserGroups(member))].sort());
    }
    assert.deepEqual(left, [["group_1", "group_3", "group_4"], ["group_1", "group_3"], ["group_3"], []]);
  });
});

describe("GroupChatV2: removing members", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });

  it("deletes the record, and names who did it", async () => {
    const removed = ["MemberRemoved", key(ID), member, admin, TIME];
    await emits(chat, chat.connect(admin).removeMember(ID, member), removed);
    assert.equal(await chat.isMember(ID, member), false);
    assert.equal((await chat.getGroup(ID)).memberCount, 2n);
  });

  it("only the owner removes an admin, and nobody the owner", async () => {
    await chat.setAdmin(ID, member, true);
    await refuses(chat, chat.connect(admin).removeMember(ID, member), "AdminIsProtected", ID, member);
    await refuses(chat, chat.connect(admin).removeMember(ID, admin), "AdminIsProtected", ID, admin);
    await refuses(chat, chat.connect(admin).removeMember(ID, owner), "OwnerIsProtected", ID, owner);
    await refuses(chat, chat.removeMember(ID, owner), "OwnerIsProtected", ID, owner);
    await chat.removeMember(ID, member);
    assert.equal(await chat.isMember(ID, member), false);
  });

  it("is not for members and strangers, and not of strangers", async () => {
    await refuses(chat, chat.connect(member).removeMember(ID, admin), "NotGroupAdmin", ID, member);
    await refuses(chat, chat.connect(stranger).removeMember(ID, member), "NotGroupAdmin", ID, stranger);
    await refuses(chat, chat.removeMember(ID, stranger), "NotMember", ID, stranger);
    await refuses(chat, chat.removeMember("x", member), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: muting members", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });
  const isMuted = async () => (await chat.getMember(ID, member)).isMuted;

  it("mutes and unmutes, also repeatedly", async () => {
    for (const muted of [true, true, false, false]) {
      const event = ["MemberMuted", key(ID), member, muted, TIME];
      await emits(chat, chat.connect(admin).muteMember(ID, member, muted), event);
      assert.equal(await isMuted(), muted);
    }
  });

  it("only the owner mutes an admin, and nobody the owner", async () => {
    await chat.setAdmin(ID, member, true);
    await refuses(chat, chat.connect(admin).muteMember(ID, member, true), "AdminIsProtected", ID, member);
    await refuses(chat, chat.muteMember(ID, owner, true), "OwnerIsProtected", ID, owner);
    await chat.muteMember(ID, member, true);
    assert.equal(await isMuted(), true);
  });

  it("is not for members and strangers, and not of strangers", async () => {
    await refuses(chat, chat.connect(member).muteMember(ID, admin, true), "NotGroupAdmin", ID, member);
    await refuses(chat, chat.connect(stranger).muteMember(ID, member, true), "NotGroupAdmin", ID, stranger);
    await refuses(chat, chat.muteMember(ID, stranger, true), "NotMember", ID, stranger);
    await refuses(chat, chat.muteMember("x", member, true), "GroupNotFound", "x");
  });
});
