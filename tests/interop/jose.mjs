// Signs and verifies tokens with npm jose.
//   node jose.mjs sign SEED TYP IN OUT     signs what is in IN; SEED: an Ed25519 seed, hex; the key's thumbprint is the kid
//   node jose.mjs verify KEY IN OUT        KEY: raw Ed25519 public key, base64url; IN: a token, or a directory entry, of which
//                                          one signature is the key's; writes the payload to OUT and prints the header
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { CompactSign, calculateJwkThumbprint, compactVerify, generalVerify, importJWK } from "jose";

const [act, ...rest] = process.argv.slice(2);

switch (act) {
  case "sign": {
    const [seed, typ, from, to] = rest;
    // PKCS #8 of an Ed25519 seed: a fixed beginning, then the seed.
    const der = Buffer.from("302e020100300506032b657004220420" + seed, "hex");
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const kid = await calculateJwkThumbprint(createPublicKey(key).export({ format: "jwk" }));
    const token = await new CompactSign(await readFile(from)).setProtectedHeader({ alg: "Ed25519", kid, typ }).sign(key);
    await writeFile(to, token);
    break;
  }
  case "verify": {
    const [x, from, to] = rest;
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "Ed25519");
    const jws = await readFile(from, "ascii");
    const options = { algorithms: ["Ed25519"] };
    const { payload, protectedHeader } = jws.startsWith("{")
      ? await generalVerify(JSON.parse(jws), key, options)
      : await compactVerify(jws, key, options);
    await writeFile(to, payload);
    console.log(JSON.stringify(protectedHeader));
    break;
  }
  default:
    throw new Error(`unknown: ${act}`);
}
