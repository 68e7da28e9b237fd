using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.SystemTests.Interop;

/// <summary>Our side of the same: seals and opens files with a key or passphrase that is drawn.</summary>
internal sealed class OwnAge : IDisposable
{
    private readonly AgeRecipient _recipient;
    private readonly AgeIdentity _identity;

    public OwnAge(string kind, byte[] drawn)
    {
        if (kind == "passphrase")
        {
            Key = Secret = Convert.ToHexString(drawn);
            (_recipient, _identity) = (new ScryptRecipient(Encoding.ASCII.GetBytes(Key)), new ScryptIdentity(Encoding.ASCII.GetBytes(Key)));
        }
        else
        {
            KeyIdentity identity = kind == "hybrid" ? HybridIdentity.Import(drawn) : X25519Identity.Import(drawn);
            (Key, Secret) = (identity.PublicKey.ToString(), new string(identity.ExportSecret()));
            (_recipient, _identity) = (AgeRecipient.Of(identity.PublicKey), identity);
        }
    }

    /// <summary>The recipient or the passphrase.</summary>
    public string Key { get; }

    /// <summary>The identity or the passphrase.</summary>
    public string Secret { get; }

    public void Seal(byte[] plain, bool armored, string to)
    {
        using var file = File.Create(to);
        using var armor = armored ? AgeArmor.Write(file) : null;
        using var writer = new AgeWriter(armor ?? file, _recipient);
        writer.Write(plain);
        writer.Complete();
    }

    public byte[] Open(string from)
    {
        using var text = File.OpenRead(from);
        Stream file = text;
        if (AgeArmor.Begins(text) && !AgeArmor.TryOpen(text, out file!)) throw new InvalidDataException("It is no armor.");
        if (!AgeReader.TryOpen(file, [_identity], AgeLimits.Local, out var reader, out var fault)) throw new InvalidDataException($"{fault}");
        using (reader)
        {
            var plain = new byte[reader.Length];
            for (var read = 0; ;)
            {
                if (!reader.TryRead(plain.AsSpan(read), out var count)) throw new InvalidDataException("Its payload is damaged.");
                if (count == 0) return plain[..read];
                read += count;
            }
        }
    }

    public void Dispose()
    {
        (_recipient as IDisposable)?.Dispose();
        _identity.Dispose();
    }
}
