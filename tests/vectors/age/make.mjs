// Makes the age vectors beside it with npm age-encryption and Debian's age: `npm ci --prefix tests/interop && node tests/vectors/age/make.mjs`.
// Keys are drawn anew each time, so a run replaces all files together.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Encrypter, armor, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "../../interop/node_modules/age-encryption/dist/index.js";

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const pattern = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 7) & 0xff);
const draw = async (generate) => {
  const identity = await generate();
  return { identity, recipient: await identityToRecipient(identity) };
};
const keys = {
  hybrid: [await draw(generateHybridIdentity), await draw(generateHybridIdentity)],
  x25519: [await draw(generateX25519Identity), await draw(generateX25519Identity)],
};
const passphrase = "example passphrase";

// A file: who makes it, to the first so many keys of a kind or to the passphrase, and how long its payload is.
const npm = JSON.parse(await readFile(beside("../../interop/node_modules/age-encryption/package.json"))).version;
const peers = { npm: `npm age-encryption ${npm}`, debian: `Debian age ${execFileSync("age", ["--version"]).toString().trim()}` };
const files = [
  { name: "empty.age", by: peers.npm, kind: "hybrid", recipients: 1, size: 0 },
  { name: "hybrid.age", by: peers.npm, kind: "hybrid", recipients: 1, size: 1000 },
  { name: "chunks.age", by: peers.npm, kind: "hybrid", recipients: 1, size: 65536 + 1 },
  { name: "hybrid-two.age", by: peers.npm, kind: "hybrid", recipients: 2, size: 100 },
  { name: "passphrase.age", by: peers.npm, kind: "passphrase", recipients: 1, size: 100 },
  { name: "x25519.age", by: peers.npm, kind: "x25519", recipients: 1, size: 1000 },
  { name: "x25519-two-armored.age", by: peers.npm, kind: "x25519", recipients: 2, size: 100 },
  { name: "debian.age", by: peers.debian, kind: "x25519", recipients: 1, size: 65536 },
  { name: "debian-armored.age", by: peers.debian, kind: "x25519", recipients: 1, size: 1000 },
  { name: "debian-two.age", by: peers.debian, kind: "x25519", recipients: 2, size: 0 },
];

for (const { name, by, kind, recipients, size } of files) {
  const to = (keys[kind] ?? []).slice(0, recipients).map((key) => key.recipient);
  const armored = name.includes("armored");
  if (by === peers.debian) {
    const options = to.flatMap((recipient) => ["--recipient", recipient]);
    execFileSync("age", [...(armored ? ["--armor"] : []), ...options, "--output", beside(name)], { input: pattern(size) });
    continue;
  }
  const encrypter = new Encrypter();
  if (kind === "passphrase") {
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(10);
  } else for (const recipient of to) encrypter.addRecipient(recipient);
  const file = await encrypter.encrypt(pattern(size));
  await writeFile(beside(name), armored ? armor.encode(file) : file);
}

await writeFile(beside("age.json"), JSON.stringify({ ...keys, passphrase, files }, null, 2) + "\n");
