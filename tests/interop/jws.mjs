// Verifies a token, or one signature of a directory entry, with npm jose and prints its header and payload as one JSON object.
//   node jws.mjs KEY FILE        KEY: raw Ed25519 public key, base64url
import { readFile } from "node:fs/promises";
import { compactVerify, generalVerify, importJWK } from "jose";

const [x, file] = process.argv.slice(2);
const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "Ed25519");
const jws = await readFile(file, "ascii");
const options = { algorithms: ["Ed25519"] };
const { payload, protectedHeader } = jws.startsWith("{")
  ? await generalVerify(JSON.parse(jws), key, options)
  : await compactVerify(jws, key, options);
console.log(JSON.stringify({ header: protectedHeader, payload: JSON.parse(new TextDecoder().decode(payload)) }));
