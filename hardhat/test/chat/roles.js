import assert from "node:assert/strict";
import { ADMIN, admin, ID, MEMBER, member, openGroup, other, OWNER, owner, roleOf, stranger, transferGroup } from "../../test-support/chat.js";
import { key, NOBODY } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

const CONTRACT_TRANSFER = "transferOwnership(address)";

describe("GroupChatV2: appointing admins", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });

  it("changes the role and the list of admins", async () => {
    await emits(chat, chat.setAdmin(ID, member, true), ["RoleChanged", key(ID), member, ADMIN, TIME]);
    assert.equal(await roleOf(chat, member), ADMIN);
    same((await chat.getGroup(ID)).admins, [admin, member]);
    await emits(chat, chat.setAdmin(ID, admin, false), ["RoleChanged", key(ID), admin, MEMBER, TIME]);
    assert.equal(await roleOf(chat, admin), MEMBER);
    same((await chat.getGroup(ID)).admins, [member]);
  });

  it("can be repeated, and lists nobody twice", async () => {
    await emits(chat, chat.setAdmin(ID, admin, true), ["RoleChanged", key(ID), admin, ADMIN, TIME]);
    await emits(chat, chat.setAdmin(ID, member, false), ["RoleChanged", key(ID), member, MEMBER, TIME]);
    same((await chat.getGroup(ID)).admins, [admin]);
  });

  it("is for the owner only, and not of strangers or the owner", async () => {
    await refuses(chat, chat.connect(admin).setAdmin(ID, member, true), "NotGroupOwner", ID, admin);
    await refuses(chat, chat.connect(stranger).setAdmin(ID, member, true), "NotGroupOwner", ID, stranger);
    await refuses(chat, chat.setAdmin(ID, stranger, true), "NotMember", ID, stranger);
    await refuses(chat, chat.setAdmin(ID, owner, false), "OwnerIsProtected", ID, owner);
    await refuses(chat, chat.setAdmin("x", member, true), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: transferring a group", () => {
  let chat;
  beforeEach(async () => {
    chat = await openGroup();
  });
  const transfer = (account) => transferGroup(chat, account);

  it("emits RoleChanged for the new owner and then GroupOwnershipTransferred, and nothing for the old one", async () => {
    const role = ["RoleChanged", key(ID), member, OWNER, TIME];
    await emits(chat, transfer(member), role, ["GroupOwnershipTransferred", key(ID), owner, member, TIME]);
  });

  it("makes the old owner an admin", async () => {
    await transfer(admin);
    assert.equal((await chat.getGroup(ID)).owner, admin.address);
    assert.equal(await roleOf(chat, admin), OWNER);
    assert.equal(await roleOf(chat, owner), ADMIN);
    same((await chat.getGroup(ID)).admins, [owner]);
    await refuses(chat, chat.dissolveGroup(ID), "NotGroupOwner", ID, owner);
    await chat.leaveGroup(ID);
  });

  it("to oneself is accepted, emits, and changes nothing", async () => {
    const role = ["RoleChanged", key(ID), owner, OWNER, TIME];
    await emits(chat, transfer(owner), role, ["GroupOwnershipTransferred", key(ID), owner, owner, TIME]);
    assert.equal(await roleOf(chat, owner), OWNER);
    same((await chat.getGroup(ID)).admins, [admin]);
  });

  it("is for the owner only, and to members only", async () => {
    await refuses(chat, transferGroup(chat.connect(admin), admin), "NotGroupOwner", ID, admin);
    await refuses(chat, transfer(stranger), "NotMember", ID, stranger);
    await refuses(chat, transfer(NOBODY), "NotMember", ID, NOBODY);
    await refuses(chat, transferGroup(chat, member, "x"), "GroupNotFound", "x");
  });
});

describe("GroupChatV2: the contract's own owner", () => {
  it("is transferred by the one-argument form, with no effect on any group", async () => {
    const chat = await openGroup();
    await emits(chat, chat[CONTRACT_TRANSFER](other), ["OwnershipTransferred", owner, other]);
    assert.equal(await chat.owner(), other.address);
    assert.equal((await chat.getGroup(ID)).owner, owner.address);
  });

  it("has no power over a group", async () => {
    const chat = await openGroup();
    await chat[CONTRACT_TRANSFER](other);
    await refuses(chat, chat.connect(other).dissolveGroup(ID), "NotGroupOwner", ID, other);
    await refuses(chat, chat.connect(other).removeMember(ID, member), "NotGroupAdmin", ID, other);
  });
});
