using System.Text;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Libraries;

internal static class CryptographyExample
{
    // Signs a statement and enters it into a log of its own. Whoever has both public keys can check the two texts that come back.
    public static (string Statement, byte[] Receipt) SignAndLog(SigningKey agency, SigningKey log)
    {
        var statement = Jws.Sign(agency, "example+jws", """{"iss":"police-north"}"""u8);
        var leaf = MerkleTree.LeafHash(Encoding.ASCII.GetBytes(statement.Token));
        var tree = new TileTree(0, _ => throw new InvalidOperationException("An empty tree has no tile.")).Append([leaf]).Tree;

        var signer = new NoteSigner("log.example", NoteKeyType.Log, log);
        var checkpoint = SignedCheckpoint.Sign(new Checkpoint("log.example", tree.Size, tree.Root), signer);
        return (statement.Token, TlogProof.From(0, tree.InclusionProof(0), checkpoint).ToArray());
    }

    public static bool Holds(string statement, byte[] receipt, VerifyingKey agency, VerifyingKey log) =>
        Jws.TryParse(statement, out var signed) && signed.IsSignedBy(agency)
        && TlogProof.TryParse(receipt, out var proof)
        && proof.TryVerify(
            MerkleTree.LeafHash(Encoding.ASCII.GetBytes(statement)), new NoteKey("log.example", NoteKeyType.Log, log), cosigners: [], out _);
}
