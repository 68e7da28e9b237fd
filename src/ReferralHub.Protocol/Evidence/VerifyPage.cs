namespace ReferralHub.Protocol.Evidence;

/// <summary><c>VERIFY.md</c>: the page that a bundle explains itself with. Constant, so that nobody can explain it differently.</summary>
internal static class VerifyPage
{
    // Raw strings keep the line ends of the source, which .editorconfig fixes to LF.
    public const string Text =
        """
        # Evidence about one referral

        This archive shows what two agencies and the hub between them did about one referral: every statement with its
        signature, every event with the proof that it stands in the hub's audit log, and every key with the entry of the
        directory log that admitted it. It holds no content and no name of a person: sealed parts are named by digest only,
        people by handles that their own agency can resolve.

        ## The whole of it, offline

            rh-verify evidence.zip --fingerprint F

        F is 64 hexadecimal digits, the SHA-256 of the hub's genesis. It is not in this archive on purpose: take it from where
        you trust it, such as a registrar, your agency's own gateway, or the paper on which the hub was introduced to you.
        The answer is the story of the referral, or the first thing that is wrong.

        ## What is where

        - `directory/`: the directory log. `000000.jws` is the genesis; F is its SHA-256. It names the registrars and the keys of
          the hub. Each entry is a JWS in general JSON serialization (Ed25519), signed by everybody who had to sign it.
        - `statements/`: what the agencies signed. A statement's id is the SHA-256 of its token up to the second dot.
        - `events/`: what the hub recorded, by position in its audit log: the event, the opening of its commitment, the proof.
        - `checkpoints/`: the state of both logs that everything here is checked against, signed by the log and cosigned.
        - `trust.policy`: the keys for that (C2SP tlog-policy), derived from the genesis.
        - `manifest.json`, `manifest.jws`: the SHA-256 of every other file, and the hub's signature over that list.

        ## One event, with stock tools

        A proof is a `c2sp.org/tlog-proof@v1`. Its checkpoint is a signed note (C2SP signed-note, tlog-checkpoint and
        tlog-cosignature) that any implementation checks with the keys in `trust.policy`. That an event stands in the log of
        this checkpoint, Python alone can tell: save the following as `included.py` and run `python3 included.py NUMBER TYPE`
        in the unpacked archive. NUMBER is a file name in `events/` without its ending. TYPE is 1 for `statement-recorded`, 2 for
        `part-released`, 3 for `refused`, 4 for `directory-checkpoint`, 5 for any other event.

            import base64, hashlib, hmac, sys
            name, kind = "events/" + sys.argv[1], int(sys.argv[2])
            event = open(name + ".json", "rb").read()
            opening = bytes.fromhex(open(name + ".opening").read())
            leaf = bytes([1, kind]) + hmac.digest(opening, event, "sha256")
            node = hashlib.sha256(b"\0" + leaf).digest()
            proof, note = open(name + ".tlog-proof", encoding="utf-8").read().split("\n\n", 1)
            index, *path = proof.split("\n")[1:]
            size, root = note.split("\n")[1:3]
            at, last = int(index.split()[1]), int(size) - 1
            for sibling in map(base64.b64decode, path):
                if at & 1 or at == last:
                    node = hashlib.sha256(b"\1" + sibling + node).digest()
                    while at and not at & 1:
                        at, last = at >> 1, last >> 1
                else:
                    node = hashlib.sha256(b"\1" + node + sibling).digest()
                at, last = at >> 1, last >> 1
            print("in the log" if last == 0 and base64.b64encode(node).decode() == root else "NOT in the log")

        ## What this does not show

        That the hub left nothing out: it put this archive together, and what it never recorded it cannot show. Each party holds
        receipts of its own statements to compare. And until others than the hub cosign its checkpoints, the hub could have
        shown somebody else another log.

        """;
}
