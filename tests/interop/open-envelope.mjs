// Opens an exported envelope with npm age-encryption, GNU tar and npm jose, and prints what is in it as JSON.
// node open-envelope.mjs ENVELOPE KEYS PASSPHRASE-FILE SIGNING-KEY
//   KEYS         the gateway's key backup: an age file under a passphrase
//   SIGNING-KEY  the sender's Ed25519 key as the directory has it: 43 base64url characters
// Nothing that was sealed touches a disk: tar reads from a pipe and writes to one.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Decrypter } from 'age-encryption'
import { compactVerify, importJWK } from 'jose'

const [envelopeFile, keysFile, passphraseFile, signingKey] = process.argv.slice(2)

const backup = new Decrypter()
backup.addPassphrase(readFileSync(passphraseFile, 'utf8').trimEnd())
const identities = (await backup.decrypt(readFileSync(keysFile), 'text'))
  .split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-'))

const envelope = new Decrypter()
for (const identity of identities) envelope.addIdentity(identity)
const archive = await envelope.decrypt(readFileSync(envelopeFile))

const members = tar('--list').toString().trimEnd().split('\n')
const content = Object.fromEntries(members.map((member) => [member, tar('--extract', '--to-stdout', member)]))
const { payload, protectedHeader } = await compactVerify(
  content['statement.jws'].toString(), await importJWK({ kty: 'OKP', crv: 'Ed25519', x: signingKey }, 'Ed25519'))
const statement = JSON.parse(new TextDecoder().decode(payload))

console.log(JSON.stringify({
  typ: protectedHeader.typ,
  from: statement.iss,
  to: statement.to,
  ref: statement.ref,
  part: statement.part,
  members,
  digestsAgree: statement.members.every(({ path, size, sha256 }) =>
    content[path].length === size && createHash('sha256').update(content[path]).digest('hex') === sha256),
}))

function tar(...action) {
  const run = spawnSync('tar', ['--file=-', ...action], { input: archive, maxBuffer: 64 << 20 })
  if (run.status !== 0) throw new Error(`tar ${action.join(' ')}: ${run.stderr}`)
  return run.stdout
}
