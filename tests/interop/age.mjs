// Seals and opens age files with npm age-encryption.
//   node age.mjs open  identity|passphrase SECRET IN OUT
//   node age.mjs seal  recipient|passphrase KEY IN OUT
//   node age.mjs keygen                                    prints a hybrid identity and its recipient, a line each
import { readFile, writeFile } from "node:fs/promises";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const [act, kind, key, from, to] = process.argv.slice(2);

switch (act) {
  case "open": {
    const decrypter = new Decrypter();
    if (kind === "passphrase") decrypter.addPassphrase(key);
    else decrypter.addIdentity(key);
    await writeFile(to, await decrypter.decrypt(await readFile(from)));
    break;
  }
  case "seal": {
    const encrypter = new Encrypter();
    if (kind === "passphrase") {
      encrypter.setPassphrase(key);
      encrypter.setScryptWorkFactor(10);
    } else encrypter.addRecipient(key);
    await writeFile(to, await encrypter.encrypt(await readFile(from)));
    break;
  }
  case "keygen": {
    const identity = await generateHybridIdentity();
    console.log(identity);
    console.log(await identityToRecipient(identity));
    break;
  }
  default:
    throw new Error(`unknown: ${act}`);
}
