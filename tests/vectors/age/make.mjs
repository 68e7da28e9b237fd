// Makes the age vectors beside it with npm age-encryption: `npm ci --prefix tests/interop && node tests/vectors/age/make.mjs`.
// Keys are drawn anew each time, so a run replaces all files together.
import { writeFile } from "node:fs/promises";
import { Encrypter, generateHybridIdentity, identityToRecipient } from "../../interop/node_modules/age-encryption/dist/index.js";

const beside = (name) => new URL(name, import.meta.url);
const pattern = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 7) & 0xff);

const identity = await generateHybridIdentity();
const recipient = await identityToRecipient(identity);
const passphrase = "example passphrase";
const sizes = { "empty.age": 0, "hybrid.age": 1000, "chunks.age": 65536 + 1 };
for (const [name, size] of Object.entries(sizes)) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  await writeFile(beside(name), await encrypter.encrypt(pattern(size)));
}

const encrypter = new Encrypter();
encrypter.setPassphrase(passphrase);
encrypter.setScryptWorkFactor(10);
await writeFile(beside("passphrase.age"), await encrypter.encrypt(pattern(100)));

await writeFile(beside("age.json"), JSON.stringify({ identity, recipient, passphrase, sizes, passphraseSize: 100 }, null, 2) + "\n");
