// Makes the directory beside it with npm jose, and its tree by RFC 6962 as it is written: `npm ci --prefix tests/interop && node tests/vectors/directory/make.mjs`.
// Ed25519 has no randomness and X25519 keys come from seeds, so every run writes the same bytes. The hybrid keys are those of ../age.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { calculateJwkThumbprint, CompactSign, GeneralSign } from "../../interop/node_modules/jose/dist/webapi/index.js";
import { bech32 } from "../../interop/node_modules/@scure/base/index.js";

const beside = (name) => new URL(name, import.meta.url);
const sha256 = (...bytes) => createHash("sha256").update(Buffer.concat(bytes)).digest();
const pkcs8 = { ed25519: "302e020100300506032b657004220420", x25519: "302e020100300506032b656e04220420" };
const key = (curve, byte) => createPrivateKey({ key: Buffer.concat([Buffer.from(pkcs8[curve], "hex"), Buffer.alloc(32, byte)]), format: "der", type: "pkcs8" });
const jwkOf = (secret) => createPublicKey(secret).export({ format: "jwk" });
const publicOf = (secret) => Buffer.from(jwkOf(secret).x, "base64url");

// Who signs, by the byte that the seed repeats.
const seeds = { court: 51, ministry: 52, union: 53, hub: 54, "log/directory": 55, "log/audit": 56, cosigner: 57, recovery: 61, "recovery/2": 62, "recovery/3": 63, signing: 71, "signing/2": 72, "signing/3": 73, "harbour/recovery": 81, "harbour/signing": 82, "harbour/signing/2": 83 };
const people = Object.fromEntries(await Promise.all(Object.entries(seeds).map(async ([name, byte]) => {
  const secret = key("ed25519", byte);
  return [name, { secret, x: jwkOf(secret).x, kid: await calculateJwkThumbprint(jwkOf(secret)) }];
})));
const x = (name) => people[name].x;
const x25519 = (byte) => bech32.encode("age", bech32.toWords(publicOf(key("x25519", byte))), false);
const [hybrid, hybrid2] = JSON.parse(await readFile(beside("../age/age.json"), "utf8")).hybrid.map((drawn) => drawn.recipient);
const digest = (text) => sha256(Buffer.from(text)).toString("hex");

// A verifier key of a signed note: name, first 4 bytes of SHA-256(name LF type key), type and key.
const vkey = (name, type, who) => {
  const typed = Buffer.concat([Buffer.from([type]), publicOf(people[who].secret)]);
  return `${name}+${sha256(Buffer.from(name + "\n"), typed).subarray(0, 4).toString("hex")}+${typed.toString("base64")}`;
};

const sign = async (typ, payload, signers) => {
  const general = new GeneralSign(Buffer.from(payload));
  for (const { secret, kid } of signers.map((name) => people[name]).sort((a, b) => (a.kid < b.kid ? -1 : 1)))
    general.addSignature(secret).setProtectedHeader({ alg: "Ed25519", kid, typ });
  const { payload: encoded, signatures } = await general.sign();
  return JSON.stringify({ payload: encoded, signatures: signatures.map((each) => ({ protected: each.protected, signature: each.signature })) });
};

const entries = [];
const refused = [];
const last = {}; // the agency's event before: its seq and payload digest
const append = async (name, typ, said, ...signers) => {
  const payload = JSON.stringify(said);
  entries.push({ name, payload: digest(payload), bytes: await sign(typ, payload, signers) });
  return digest(payload);
};
const day = (n) => `2026-03-${String(n).padStart(2, "0")}T08:00:00Z`;
const next = (agency, event, members, seq = last[agency].seq + 1) => ({ agency, seq, prev: last[agency].digest, iat: day(entries.length + 1), event, ...members });
const change = async (agency, event, members, ...signers) => {
  const said = next(agency, event, members);
  last[agency] = { before: last[agency], seq: said.seq, digest: await append(`${agency} ${event}`, "agency-event+jws", said, ...signers) };
};
// What must not be appended where it stands, and the first thing that is wrong with it.
const never = async (fault, said, ...signers) => refused.push({ size: entries.length, fault, bytes: await sign("agency-event+jws", JSON.stringify(said), signers) });

await append("genesis", "genesis+jws", {
  origin: "hub.example", iat: day(1),
  registrars: ["court", "ministry", "union"].map((name) => ({ name, key: x(name) })), threshold: 2,
  hub: x("hub"), directoryLog: vkey("hub.example/directory", 1, "log/directory"), auditLog: vkey("hub.example/audit", 1, "log/audit"),
  cosigner: vkey("hub.example/cosigner", 4, "cosigner"), ca: digest("CA"),
}, "court", "ministry", "union");
await append("policy north", "policy+jws", {
  policy: "north", version: 1, iat: day(2), bases: ["consent", "vital-interests"], maxConsentDays: 365,
  rules: [{ basis: "vital-interests", grounds: ["danger-to-life"], secondApprover: true, review: true }],
  onDelivery: ["danger-to-life"], offByDefault: ["immigration-status"], consentAges: [{ from: 0, until: 18, grantors: [["guardian"], ["court"]] }], areas: ["north", "north-coast"],
}, "ministry", "union");

const enrol = async (agency, kind, name, encryption, ...services) => {
  const own = agency === "harbour" ? ["harbour/recovery", "harbour/signing"] : ["recovery", "signing"];
  const said = { agency, seq: 0, iat: day(entries.length + 1), event: "enrol", kind, name, recovery: x(own[0]), signing: x(own[1]), encryption, services };
  await never("signer-missing", said, ...own, "court");
  last[agency] = { seq: 0, digest: await append(`${agency} enrol`, "agency-event+jws", said, ...own, "court", "ministry") };
  await never("agency-taken", said, ...own, "court", "ministry");
};
const police = "north-police";
await enrol(police, "police", "Synthetic North Police", hybrid, "police");
await enrol("harbour", "shelter", "Synthetic Harbour", x25519(91), "shelter", "psychosocial");

await never("seq-broken", next(police, "rotate-encryption", { encryption: hybrid2 }, 2), "signing");
await never("seq-broken", { ...next(police, "rotate-encryption", { encryption: hybrid2 }), prev: digest("another") }, "signing");
await never("signer-unexpected", next(police, "rotate-encryption", { encryption: hybrid2 }), "signing", "hub");
await never("signer-missing", next(police, "rotate-encryption", { encryption: hybrid2 }), "court", "ministry");
await never("malformed", next(police, "rotate-encryption", { encryption: hybrid2, signing: x("signing/2") }), "signing");
await change(police, "rotate-encryption", { encryption: hybrid2 }, "signing");
await never("key-taken", next(police, "rotate-encryption", { encryption: hybrid }), "signing");
await never("signer-missing", next(police, "rotate-signing", { signing: x("signing/2") }), "signing");
await change(police, "rotate-signing", { signing: x("signing/2") }, "signing", "signing/2");
await never("key-unknown", next(police, "revoke", { signing: x("harbour/signing"), compromisedSince: 7 }), "signing/2");
await change(police, "revoke", { signing: x("signing"), compromisedSince: 7 }, "signing/2");
await never("key-unknown", next(police, "revoke", { signing: x("signing"), compromisedSince: 7 }), "signing/2");
await change(police, "revoke", { encryption: hybrid }, "recovery");
await change(police, "change-recovery", { recovery: x("recovery/2") }, "recovery", "recovery/2");
await never("signer-missing", next(police, "change-recovery", { recovery: x("recovery/3") }), "recovery", "recovery/3");
await change(police, "change-recovery", { recovery: x("recovery/3") }, "court", "union");
await never("signer-missing", next(police, "recover", { signing: x("signing/3"), encryption: x25519(92), tls: digest("TLS"), lastGood: 1 }), "signing/2", "signing/3");
await change(police, "recover", { signing: x("signing/3"), encryption: x25519(92), tls: digest("TLS"), lastGood: 1, compromisedSince: 5 }, "recovery/3", "signing/3");
await never("status-forbids", next(police, "resume", {}), "court", "ministry");
await never("signer-missing", next(police, "suspend", {}), "signing/3");
await change(police, "suspend", {}, "ministry", "union");
await change(police, "resume", {}, "court", "ministry", "union");
await change(police, "close", {}, "court", "union");
await never("status-forbids", next(police, "resume", {}), "court", "ministry");

// The first of two valid events with one number stands; the other is an entry too, and changes nothing.
await change("harbour", "rotate-signing", { signing: x("harbour/signing/2") }, "harbour/recovery", "harbour/signing/2");
last.harbour = last.harbour.before;
await append("harbour rotate-encryption, a second event under one seq", "agency-event+jws", next("harbour", "rotate-encryption", { encryption: x25519(93) }), "harbour/signing");

// MTH of RFC 6962 §2.1, over the entries as they are.
const tree = (leaves) => {
  if (leaves.length === 1) return sha256(Buffer.from([0]), leaves[0]);
  const split = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return sha256(Buffer.from([1]), tree(leaves.slice(0, split)), tree(leaves.slice(split)));
};

const asked = JSON.stringify({ origin: "hub.example", iat: day(20) });
await writeFile(beside("entries.txt"), entries.map(({ name, payload, bytes }) => `${name}\t${payload}\t${bytes}\n`).join(""));
await writeFile(beside("refused.txt"), refused.map(({ size, fault, bytes }) => `${size}\t${fault}\t${bytes}\n`).join(""));
await writeFile(beside("directory.json"), JSON.stringify({
  fingerprint: digest(entries[0].bytes),
  root: tree(entries.map(({ bytes }) => Buffer.from(bytes))).toString("hex"),
  recoveryRequest: await new CompactSign(Buffer.from(asked)).setProtectedHeader({ alg: "Ed25519", kid: people["recovery/3"].kid, typ: "recovery-request+jws" }).sign(people["recovery/3"].secret),
  recoveryKey: x("recovery/3"),
}, null, 1) + "\n");
