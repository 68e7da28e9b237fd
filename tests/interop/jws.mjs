// Verifies a token with npm jose and prints its header and payload as one JSON object.
//   node jws.mjs KEY TOKEN-FILE        KEY: raw Ed25519 public key, base64url
import { readFile } from "node:fs/promises";
import { compactVerify, importJWK } from "jose";

const [x, file] = process.argv.slice(2);
const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "Ed25519");
const { payload, protectedHeader } = await compactVerify(await readFile(file, "ascii"), key, { algorithms: ["Ed25519"] });
console.log(JSON.stringify({ header: protectedHeader, payload: JSON.parse(new TextDecoder().decode(payload)) }));
