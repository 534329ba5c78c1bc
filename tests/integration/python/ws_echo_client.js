// Node's ws against an echo server: random messages, all in flight at once, each to come back.
//
// Usage: node ws_echo_client.js URL OPTIONS
//   OPTIONS  those of perMessageDeflate, as JSON
"use strict";

const assert = require("node:assert");
const crypto = require("node:crypto");
const WebSocket = require("ws");

function randomMessages(count) {
  const messages = [];
  for (let i = 0; i < count; ++i) {
    const size = crypto.randomInt(i % 5 === 0 ? 100_000 : 300);
    if (i % 3 === 0) messages.push(crypto.randomBytes(size));
    else if (i % 3 === 1) messages.push("naïve καλημέρα 𝛿 ".repeat(size / 16));
    else messages.push(Buffer.alloc(size, "ab"));
  }
  return messages;
}

const [url, options] = process.argv.slice(2);
const client = new WebSocket(url, { perMessageDeflate: JSON.parse(options) });
const messages = randomMessages(200);
let received = 0;

client.on("open", () => {
  assert.ok(client.extensions.startsWith("permessage-deflate"), client.extensions);
  for (const message of messages) client.send(message);
  for (const part of ["one ", "two ", "three"]) client.send(part, { fin: part === "three" });
  messages.push("one two three");
});
client.on("message", (data, isBinary) => {
  const sent = messages[received++];
  assert.strictEqual(isBinary, typeof sent !== "string");
  assert.ok(data.equals(Buffer.from(sent)), `message ${received} is another`);
  if (received === messages.length) client.close(1000);
});
client.on("close", (code) => {
  assert.strictEqual(code, 1000);
  assert.strictEqual(received, messages.length);
  console.log(`${received} came back by ${client.extensions || "nothing"}`);
});
