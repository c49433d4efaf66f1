import assert from "node:assert/strict";
import { admin, ID, member, other, owner, stranger, transferGroup } from "../../test-support/chat.js";
import { ethers, key, NOBODY } from "../../test-support/chain.js";
import { denies, deployedGroup, silent } from "../../test-support/deployed.js";
import { emits, same, TIME } from "../../test-support/expect.js";

const asking = stranger;

describe("GroupChatV2 as deployed: what changes without an event", () => {
  let chat;
  beforeEach(async () => {
    chat = await deployedGroup();
  });
  const info = (by, ...texts) => chat.connect(by).updateGroupInfo(ID, ...texts);

  it("muting and unmuting", async () => {
    for (const muted of [true, false]) {
      await silent(chat, chat.connect(admin).muteMember(ID, member, muted));
      assert.equal((await chat.getMember(ID, member)).isMuted, muted);
    }
  });

  it("name, avatar and description, of which an empty one stays", async () => {
    await silent(chat, info(admin, "Moles", "", "We dig deeper."));
    const { groupName, groupAvatar, description } = await chat.getGroup(ID);
    same([groupName, groupAvatar, description], ["Moles", "ipfs://avatar", "We dig deeper."]);
  });

  it("dissolving, as often as one likes; nobody comes in any more", async () => {
    await silent(chat, chat.dissolveGroup(ID));
    await silent(chat, chat.dissolveGroup(ID));
    assert.equal((await chat.getGroup(ID)).isActive, false);
    await denies(chat, chat.connect(other).joinGroup(ID), "No active group");
    await emits(chat, chat.connect(member).leaveGroup(ID), ["MemberLeft", key(ID), member, TIME]);
  });

  it("rejecting a request, which then cannot be answered any more", async () => {
    await silent(chat, chat.rejectJoinRequest(ID, asking));
    await denies(chat, chat.approveJoinRequest(ID, asking), "Nobody asked");
    await denies(chat, chat.rejectJoinRequest(ID, asking), "Nobody asked");
  });

  it("nothing, where the caller may not", async () => {
    await denies(chat, chat.connect(member).muteMember(ID, member, true), "Staff only");
    await denies(chat, chat.connect(other).muteMember(ID, member, true), "Not a member");
    await denies(chat, chat.muteMember(ID, admin, true), "Staff is not muted");
    await denies(chat, info(member, "a", "b", "c"), "Staff only");
    await denies(chat, chat.connect(admin).dissolveGroup(ID), "Owner only");
    await denies(chat, chat.connect(member).rejectJoinRequest(ID, asking), "Staff only");
  });

  it("a transfer makes the old owner an admin with no event of its own", async () => {
    await emits(chat, transferGroup(chat, member), ["RoleChanged", key(ID), member, 2, TIME]);
    assert.equal((await chat.getMember(ID, owner)).role, 1n);
  });
});

describe("GroupChatV2 as deployed: records and lists", () => {
  let chat;
  beforeEach(async () => {
    chat = await deployedGroup();
  });

  it("an owner who is no member keeps an admin's record after a transfer, and can change the group's texts", async () => {
    await chat.inviteMember(ID, asking);
    await transferGroup(chat, asking);
    await chat.connect(admin).approveJoinRequest(ID, asking);
    await chat.connect(asking).leaveGroup(ID);
    await transferGroup(chat.connect(asking), member);
    same(await chat.getMember(ID, asking), [NOBODY, "", 1, 0, false, false]);
    assert.equal(await chat.isMember(ID, asking), false);
    await silent(chat, chat.connect(asking).updateGroupInfo(ID, "Ghosts", "", ""));
    assert.equal((await chat.getGroup(ID)).groupName, "Ghosts");
    await denies(chat, chat.connect(asking).muteMember(ID, owner, true), "Not a member");
  });

  it("a second approval lists the group twice among the member's, once of them for ever", async () => {
    await chat.inviteMember(ID, asking);
    await chat.approveJoinRequest(ID, asking);
    same(await chat.getUserGroups(asking), [ID, ID]);
    assert.equal((await chat.getGroup(ID)).memberCount, 5n);
    await chat.connect(asking).leaveGroup(ID);
    same(await chat.getUserGroups(asking), [ID]);
    assert.equal(await chat.isMember(ID, asking), false);
  });

  it("the zero address can be invited again and again, and is never a member", async () => {
    for (let count = 4n; count < 6n; count++) {
      await emits(chat, chat.inviteMember(ID, NOBODY), ["MemberJoined", key(ID), NOBODY, TIME]);
      assert.equal((await chat.getGroup(ID)).memberCount, count);
    }
    assert.equal(await chat.isMember(ID, NOBODY), false);
    await denies(chat, chat.removeMember(ID, NOBODY), "Not a member");
  });

  it("settings are the owner's, and setAdmin takes only what changes a role", async () => {
    const update = (by) => chat.connect(by).updateGroupSettings(ID, true, true, true, 9, true);
    await denies(chat, update(admin), "Owner only");
    await emits(chat, update(owner), ["GroupSettingsUpdated", key(ID), owner, TIME]);
    await denies(chat, chat.setAdmin(ID, admin, true), "The role is another one");
    await denies(chat, chat.setAdmin(ID, member, false), "The role is another one");
  });

  it("names and descriptions have no limit", async () => {
    await chat.createGroup("n".repeat(500), "", "d".repeat(5000), true, 2);
    assert.equal((await chat.getGroup("group_2")).description.length, 5000);
  });

  it("an unknown group is an empty one", async () => {
    const { owner: nobody, createdAt, members, isActive } = await chat.getGroup("group_9");
    same([nobody, createdAt, members, isActive], [ethers.ZeroAddress, 0, [], false]);
    await denies(chat, chat.connect(member).joinGroup("group_9"), "No active group");
    await denies(chat, chat.dissolveGroup("group_9"), "Owner only");
  });
});
