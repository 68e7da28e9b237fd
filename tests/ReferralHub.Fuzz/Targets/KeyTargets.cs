using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Log;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Fuzz.Targets;

internal static class KeyTargets
{
    /// <summary>Keys as text: each has one spelling.</summary>
    public static Target Text()
    {
        using var identity = HybridIdentity.Import(new byte[KeyIdentity.SecretSize]);
        using var classical = X25519Identity.Import(new byte[KeyIdentity.SecretSize]);
        return new(
            "key",
            [.. Seeds.Words(new string(identity.ExportSecret()), identity.PublicKey.ToString(), new string(classical.ExportSecret()), classical.PublicKey.ToString(), Seeds.Story.Genesis.AuditLog, Seeds.Story.Genesis.Cosigner)],
            input =>
            {
                var text = Encoding.UTF8.GetString(input);
                if (NoteKey.TryParse(text, out var note)) OracleException.Require(note.ToString() == text, "verifier key");
                if (EncryptionKey.TryParse(text, out var key)) OracleException.Require(key.ToString() == text, "encryption key");
                if (!KeyIdentity.TryParse(text, out var secret)) return note is not null || key is not null;
                using (secret) OracleException.Require(new string(secret.ExportSecret()) == text, "private key");
                return true;
            })
        { Words = Seeds.Words("+", "1", "AGE-SECRET-KEY-PQ-", "AGE-SECRET-KEY-", "age1pq", "age", "hub.example", "=", "\u0130") };
    }

    /// <summary>A key file up to where its passphrase is needed, and what is inside of one.</summary>
    public static Target KeyFile()
    {
        using var secrets = new NamedSecrets();
        secrets.Add("signing", new byte[32]);
        secrets.Add("encryption/0001", new byte[48]);
        byte[] header = [.. "ReferralHub keys"u8, 0, 1, 0, 4, 0, 0, 0, 0, 0, 3, .. new byte[40], 0, 0, 0, 16, .. new byte[16]];
        return new("key-file", [header, secrets.Encode(), new NamedSecrets().Encode()], input =>
        {
            if (Sealing.Keys.KeyFile.CheckHeader(input, out var cost) is null)
            {
                OracleException.Require(cost!.IsWithinBounds, "a cost out of bounds is accepted before it is paid");
                return true;
            }

            if (!NamedSecrets.TryDecode(input, out var read)) return false;
            using (read) OracleException.Same(read.Encode(), input, "secrets");
            return true;
        })
        { Words = Seeds.Words("ReferralHub keys", "signing", "a") };
    }
}
