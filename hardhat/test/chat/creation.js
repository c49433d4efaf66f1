import assert from "node:assert/strict";
import { deploy, ethers, key, MAX, now, signers } from "../../test-support/chain.js";
import { emits, refuses, same, TIME } from "../../test-support/expect.js";

const [owner, other] = signers;

describe("GroupChatV2: creating a group", () => {
  let chat;
  beforeEach(async () => {
    chat = await deploy("GroupChatV2");
  });

  it("emits GroupCreated and no MemberJoined for the creator", async () => {
    const created = chat.createGroup("Gophers", "a", "d", true, 10);
    await emits(chat, created, ["GroupCreated", key("group_1"), "Gophers", owner, TIME]);
  });

  it("returns ids that count up from group_1", async () => {
    assert.equal(await chat.createGroup.staticCall("A", "", "", true, 2), "group_1");
    await chat.createGroup("A", "", "", true, 2);
    assert.equal(await chat.connect(other).createGroup.staticCall("B", "", "", true, 2), "group_2");
    await chat.connect(other).createGroup("B", "", "", true, 2);
    assert.equal(await chat.groupCounter(), 2n);
  });

  it("stores everything that was given, and the creator as owner and first member", async () => {
    await chat.createGroup("Gophers", "ipfs://a", "We dig.", true, 10);
    const settings = [true, true, false, 10, false];
    const group = ["group_1", "Gophers", "ipfs://a", "We dig.", owner, [owner], [], settings, await now(), 1, true];
    same(await chat.getGroup("group_1"), group);
    same(await chat.getMember("group_1", owner), [owner, "", 2, await now(), false, false]);
    same(await chat.getUserGroups(owner), ["group_1"]);
    assert.equal(await chat.isMember("group_1", owner), true);
  });

  it("requires approval exactly where the group is not public", async () => {
    await chat.createGroup("A", "", "", false, 10);
    same((await chat.getGroup("group_1")).settings, [false, true, true, 10, false]);
  });

  it("takes names of 1 to 128 bytes", async () => {
    await chat.createGroup("x", "", "", true, 2);
    await chat.createGroup("x".repeat(128), "", "", true, 2);
    await refuses(chat, chat.createGroup("", "", "", true, 2), "NameLengthOutOfRange", 0, 1, 128);
    await refuses(chat, chat.createGroup("x".repeat(129), "", "", true, 2), "NameLengthOutOfRange", 129, 1, 128);
  });

  it("counts a name's bytes, not its characters", async () => {
    await chat.createGroup("群".repeat(42), "", "", true, 2);
    await refuses(chat, chat.createGroup("群".repeat(43), "", "", true, 2), "NameLengthOutOfRange", 129, 1, 128);
  });

  it("takes descriptions of up to 1024 bytes", async () => {
    await chat.createGroup("x", "", "d".repeat(1024), true, 2);
    await refuses(chat, chat.createGroup("x", "", "d".repeat(1025), true, 2), "DescriptionTooLong", 1025, 1024);
  });

  it("takes avatars of any length", async () => {
    await chat.createGroup("x", "a".repeat(3000), "", true, 2);
    assert.equal((await chat.getGroup("group_1")).groupAvatar.length, 3000);
  });

  it("takes a maxMembers of 2 to 1000", async () => {
    await chat.createGroup("x", "", "", true, 2);
    await chat.createGroup("x", "", "", true, 1000);
    for (const count of [0n, 1n, 1001n, MAX]) {
      await refuses(chat, chat.createGroup("x", "", "", true, count), "MaxMembersOutOfRange", count, 2, 1000);
    }
  });

  it("keeps names that are not UTF-8 byte for byte", async () => {
    const name = "0xff00fe";
    const coder = ethers.AbiCoder.defaultAbiCoder();
    const { selector } = chat.interface.getFunction("createGroup");
    const types = ["bytes", "bytes", "bytes", "bool", "uint256"];
    const data = ethers.concat([selector, coder.encode(types, [name, "0xc3", "0x80", true, 2])]);
    await (await owner.sendTransaction({ to: chat, data })).wait();
    const answer = await ethers.provider.call({ to: chat, data: chat.interface.encodeFunctionData("getGroup", ["group_1"]) });
    const [group] = coder.decode(["tuple(bytes, bytes, bytes, bytes)"], answer);
    same(group, [ethers.hexlify(ethers.toUtf8Bytes("group_1")), name, "0xc3", "0x80"]);
  });
});

describe("GroupChatV2: views of what does not exist", () => {
  let chat;
  before(async () => {
    chat = await deploy("GroupChatV2");
  });

  it("getGroup refuses an unknown group", async () => {
    await refuses(chat, chat.getGroup("group_1"), "GroupNotFound", "group_1");
  });

  it("the other views answer that there is nothing", async () => {
    assert.equal(await chat.groupCounter(), 0n);
    assert.equal(await chat.isMember("group_1", owner), false);
    same(await chat.getMember("group_1", owner), [ethers.ZeroAddress, "", 0, 0, false, false]);
    same(await chat.getUserGroups(owner), []);
    same(await chat.getGroupMembers("group_1"), []);
  });
});
