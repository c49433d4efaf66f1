// Decrypts the push message in base64 on stdin, as a browser with these keys does; prints it.
import { createECDH } from "node:crypto";
import { readFileSync } from "node:fs";
import ece from "http_ece";

const { body, privateKey, auth } = JSON.parse(readFileSync(0, "utf8"));
const browser = createECDH("prime256v1");
browser.setPrivateKey(privateKey, "base64url");
const given = { version: "aes128gcm", privateKey: browser, authSecret: auth };
process.stdout.write(ece.decrypt(Buffer.from(body, "base64"), given));
