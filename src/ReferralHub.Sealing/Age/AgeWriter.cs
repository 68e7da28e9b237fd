using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// Writes an age v1 file, in memory that does not grow with it. The file is whole only after
/// <see cref="Complete"/>; one that is disposed before that does not open. Reference: https://c2sp.org/age. Spec: docs/protocol.md §2.3.
/// </summary>
public sealed class AgeWriter : IDisposable
{
    private readonly Stream _destination;
    private readonly PayloadCipher _cipher;
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadCipher.ChunkBytes, pinned: true);
    private readonly byte[] _sealed = new byte[PayloadCipher.SealedChunkBytes];
    private int _held;
    private long _chunk;
    private bool _complete;

    /// <summary>Draws a file key and writes the header.</summary>
    /// <param name="destination">Where the file goes; written synchronously; stays the caller's.</param>
    /// <param name="recipients">
    /// Who will each be able to open it, one or more; the wire allows one. A passphrase goes alone, and hybrid and X25519 recipients are
    /// not mixed: the weaker of them would decide for all.
    /// </param>
    /// <exception cref="ArgumentException">There is no recipient, or there are such as do not go together.</exception>
    public AgeWriter(Stream destination, params IReadOnlyList<AgeRecipient> recipients)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(recipients);
        if (recipients.Count == 0
            || (recipients.Count > 1 && recipients.Any(r => r is ScryptRecipient))
            || recipients.Any(r => r.IsPostQuantum != recipients[0].IsPostQuantum))
        {
            throw new ArgumentException("An age file has recipients that go together.", nameof(recipients));
        }

        _destination = destination;

        Span<byte> fileKey = stackalloc byte[FileKey.Bytes];
        Span<byte> nonce = stackalloc byte[FileKey.PayloadNonceBytes];
        RandomNumberGenerator.Fill(fileKey);
        RandomNumberGenerator.Fill(nonce);
        try
        {
            var header = new AgeHeader(Wrap(fileKey, recipients), mac: default);
            header = new AgeHeader(header.Stanzas, FileKey.HeaderMac(fileKey, header.MacInput()));
            _cipher = FileKey.PayloadCipher(fileKey, nonce);
            destination.Write(header.ToBytes());
            destination.Write(nonce);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
        }
    }

    /// <summary>Seals some more.</summary>
    /// <param name="plain">Any number of bytes; copied until a chunk is full.</param>
    /// <exception cref="InvalidOperationException">The file is complete.</exception>
    public void Write(ReadOnlySpan<byte> plain)
    {
        if (_complete) throw new InvalidOperationException("The age file is complete.");
        while (!plain.IsEmpty)
        {
            // A full chunk waits for one more byte: only then is it known not to be the last.
            if (_held == PayloadCipher.ChunkBytes) Flush(last: false);
            var taken = Math.Min(plain.Length, PayloadCipher.ChunkBytes - _held);
            plain[..taken].CopyTo(_plain.AsSpan(_held));
            _held += taken;
            plain = plain[taken..];
        }
    }

    /// <summary>Seals the last chunk. The destination is not flushed.</summary>
    /// <exception cref="InvalidOperationException">The file is complete already.</exception>
    public void Complete()
    {
        if (_complete) throw new InvalidOperationException("The age file is complete.");
        Flush(last: true);
        _complete = true;
    }

    /// <summary>Wipes the key and the plaintext that is held; does not complete the file.</summary>
    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
    }

    private static List<AgeStanza> Wrap(ReadOnlySpan<byte> fileKey, IReadOnlyList<AgeRecipient> recipients)
    {
        var stanzas = new List<AgeStanza>(recipients.Count);
        foreach (var recipient in recipients) stanzas.Add(recipient.Wrap(fileKey));
        return stanzas;
    }

    private void Flush(bool last)
    {
        var chunk = _sealed.AsSpan(0, _held + PayloadCipher.TagBytes);
        _cipher.Seal(_chunk++, last, _plain.AsSpan(0, _held), chunk);
        _destination.Write(chunk);
        _held = 0;
    }
}
