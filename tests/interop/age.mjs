// Seals and opens age files with npm age-encryption.
//   node age.mjs open KIND SECRET IN OUT             KIND: x25519, hybrid or passphrase
//   node age.mjs seal KIND KEY IN OUT [--armor]
//   node age.mjs recipient IDENTITY                  prints the recipient
import { readFile, writeFile } from "node:fs/promises";
import { Decrypter, Encrypter, armor, identityToRecipient } from "age-encryption";

const [act, kind, key, from, to, armored] = process.argv.slice(2);

switch (act) {
  case "open": {
    const decrypter = new Decrypter();
    if (kind === "passphrase") decrypter.addPassphrase(key);
    else decrypter.addIdentity(key);
    const file = await readFile(from);
    await writeFile(to, await decrypter.decrypt(file[0] === 0x2d ? armor.decode(file.toString()) : file));
    break;
  }
  case "seal": {
    const encrypter = new Encrypter();
    if (kind === "passphrase") {
      encrypter.setPassphrase(key);
      encrypter.setScryptWorkFactor(10);
    } else encrypter.addRecipient(key);
    const file = await encrypter.encrypt(await readFile(from));
    await writeFile(to, armored === "--armor" ? armor.encode(file) : file);
    break;
  }
  case "recipient":
    console.log(await identityToRecipient(kind));
    break;
  default:
    throw new Error(`unknown: ${act}`);
}
