import assert from "node:assert/strict";
import { admin, ID, member, openGroup, owner, stranger, transferGroup } from "../../test-support/chat.js";
import { key, MAX } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

describe("GroupChatV2: settings", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });
  const update = (by, maxMembers) => chat.connect(by).updateGroupSettings(ID, false, false, true, maxMembers, true);

  it("are replaced as a whole, and the event says only that", async () => {
    await emits(chat, update(admin, 7), ["GroupSettingsUpdated", key(ID), admin, TIME]);
    same((await chat.getGroup(ID)).settings, [false, false, true, 7, true]);
  });

  it("take any maxMembers from the member count to 2^256-1", async () => {
    await update(owner, 3);
    await update(owner, MAX);
    assert.equal((await chat.getGroup(ID)).settings.maxMembers, MAX);
    await refuses(chat, update(owner, 2), "MaxMembersBelowMemberCount", 2, 3);
    await refuses(chat, update(owner, 0), "MaxMembersBelowMemberCount", 0, 3);
  });

  it("with a maxMembers of 2^256-1 still let people in", async () => {
    await chat.updateGroupSettings(ID, true, true, false, MAX, false);
    await chat.connect(stranger).joinGroup(ID);
    assert.equal((await chat.getGroup(ID)).memberCount, 4n);
  });

  it("are for admins and the owner", async () => {
    await refuses(chat, update(member, 10), "NotGroupAdmin", ID, member);
    await refuses(chat, update(stranger, 10), "NotGroupAdmin", ID, stranger);
    await refuses(chat, chat.updateGroupSettings("x", true, true, true, 9, true), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: name, avatar and description", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });
  const texts = async () => {
    const group = await chat.getGroup(ID);
    return [group.groupName, group.groupAvatar, group.description];
  };

  it("are replaced, and the event says only that", async () => {
    const updated = chat.connect(admin).updateGroupInfo(ID, "N", "A", "D");
    await emits(chat, updated, ["GroupInfoUpdated", key(ID), admin, TIME]);
    assert.deepEqual(await texts(), ["N", "A", "D"]);
  });

  it("keep their value where the new one is empty", async () => {
    await chat.updateGroupInfo(ID, "N", "", "");
    await chat.updateGroupInfo(ID, "", "A", "");
    await chat.updateGroupInfo(ID, "", "", "D");
    await emits(chat, chat.updateGroupInfo(ID, "", "", ""), ["GroupInfoUpdated", key(ID), owner, TIME]);
    assert.deepEqual(await texts(), ["N", "A", "D"]);
  });

  it("have no limit once the group exists", async () => {
    const long = "x".repeat(2000);
    await chat.updateGroupInfo(ID, long, long, long);
    assert.deepEqual(await texts(), [long, long, long]);
  });

  it("are for admins and the owner", async () => {
    await refuses(chat, chat.connect(member).updateGroupInfo(ID, "N", "", ""), "NotGroupAdmin", ID, member);
    await refuses(chat, chat.connect(stranger).updateGroupInfo(ID, "N", "", ""), "NotGroupAdmin", ID, stranger);
    await refuses(chat, chat.updateGroupInfo("x", "N", "", ""), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: dissolving", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });

  it("makes the group inactive, and can be repeated", async () => {
    for (let i = 0; i < 2; i++) {
      await emits(chat, chat.dissolveGroup(ID), ["GroupDissolved", key(ID), owner, TIME]);
      assert.equal((await chat.getGroup(ID)).isActive, false);
    }
  });

  it("is for the owner only", async () => {
    await refuses(chat, chat.connect(admin).dissolveGroup(ID), "NotGroupOwner", ID, admin);
    await refuses(chat, chat.dissolveGroup("x"), "GroupNotFound", "x");
  });

  it("leaves everything but joining and inviting possible", async () => {
    await chat.dissolveGroup(ID);
    await chat.muteMember(ID, member, true);
    await chat.setAdmin(ID, member, true);
    await chat.updateGroupSettings(ID, true, true, true, 9, true);
    await chat.updateGroupInfo(ID, "N", "A", "D");
    await chat.connect(member).leaveGroup(ID);
    await chat.removeMember(ID, admin);
    await transferGroup(chat, owner);
    assert.equal((await chat.getGroup(ID)).memberCount, 1n);
  });
});

describe("GroupChatV2: the pause", () => {
  it("stops createGroup, joinGroup and inviteMember, and nothing else", async () => {
    const chat = await openGroup();
    await chat.updateGroupSettings(ID, true, true, true, 9, true);
    await chat.connect(stranger).joinGroup(ID);
    await emits(chat, chat.pause(), ["Paused", owner]);
    await refuses(chat, chat.createGroup("x", "", "", true, 2), "EnforcedPause");
    await refuses(chat, chat.connect(stranger).joinGroup(ID), "EnforcedPause");
    await refuses(chat, chat.inviteMember(ID, stranger), "EnforcedPause");
    await chat.approveJoinRequest(ID, stranger);
    await chat.setAdmin(ID, stranger, true);
    await chat.muteMember(ID, stranger, true);
    await chat.updateGroupSettings(ID, true, true, true, 9, false);
    await chat.updateGroupInfo(ID, "N", "A", "D");
    await chat.removeMember(ID, member);
    await chat.connect(stranger).leaveGroup(ID);
    await transferGroup(chat, admin);
    await chat.connect(admin).dissolveGroup(ID);
  });

  it("lets requests be rejected", async () => {
    const chat = await openGroup();
    await chat.updateGroupSettings(ID, true, true, true, 9, true);
    await chat.connect(stranger).joinGroup(ID);
    await chat.pause();
    await chat.rejectJoinRequest(ID, stranger);
  });
});
