// Makes the statements beside it with npm jose: `npm ci --prefix tests/interop && node tests/vectors/statements/make.mjs`.
// Ed25519 has no randomness, so every run writes the same bytes. torsion-signatures.txt is not from here.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { calculateJwkThumbprint, CompactSign, GeneralSign } from "../../interop/node_modules/jose/dist/webapi/index.js";

const beside = (name) => new URL(name, import.meta.url);
const seeds = [3, 4].map((byte) => Buffer.alloc(32, byte));
const pkcs8 = (seed) => Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
const signers = await Promise.all(seeds.map(async (seed) => {
  const key = createPrivateKey({ key: pkcs8(seed), format: "der", type: "pkcs8" });
  const jwk = createPublicKey(key).export({ format: "jwk" });
  return { key, x: jwk.x, kid: await calculateJwkThumbprint(jwk) };
}));
const header = ({ kid }, typ) => ({ alg: "Ed25519", kid, typ });

const payload = '{"iss":"police-north","iat":"2026-11-22T23:24:00Z","ref":"019aae1e-3d00-7000-8000-000000000001","act":"loop-closed","by":"p7q2"}';
const token = await new CompactSign(Buffer.from(payload)).setProtectedHeader(header(signers[0], "sender-act+jws")).sign(signers[0].key);
await writeFile(beside("sender-act.jws"), token);

const entry = new GeneralSign(Buffer.from('{"agency":"shelter-east","seq":0,"event":"enrol"}'));
for (const signer of [...signers].sort((a, b) => (a.kid < b.kid ? -1 : 1)))
  entry.addSignature(signer.key).setProtectedHeader(header(signer, "agency-event+jws"));
const jws = await entry.sign();
const signatures = jws.signatures.map((each) => ({ protected: each.protected, signature: each.signature }));
await writeFile(beside("agency-event.cosigned"), JSON.stringify({ payload: jws.payload, signatures }));

// One of each kind of docs/protocol.md §3.3, and of each act where a kind has several, by its payload: its id and token, a line each.
const kinds = Object.entries(JSON.parse(await readFile(beside("kinds.json"), "utf8")));
const lines = await Promise.all(kinds.map(async ([kind, said]) => {
  const signed = await new CompactSign(Buffer.from(said)).setProtectedHeader(header(signers[0], kind.split(" ")[0] + "+jws")).sign(signers[0].key);
  return `${kind.replace(" ", "/")} ${createHash("sha256").update(signed.slice(0, signed.lastIndexOf("."))).digest("hex")} ${signed}\n`;
}));
await writeFile(beside("kinds.txt"), lines.join(""));

await writeFile(beside("statements.json"), JSON.stringify({
  seeds: seeds.map((seed) => seed.toString("hex")),
  keys: signers.map(({ x }) => x),
  kids: signers.map(({ kid }) => kid),
  payload,
  id: createHash("sha256").update(token.slice(0, token.lastIndexOf("."))).digest("hex"),
}, null, 1) + "\n");
