using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// An envelope that was verified to its last byte. Its members are decrypted again when they are read, one after the other;
/// not for several threads. Spec: docs/protocol.md §2.5.
/// </summary>
public sealed class OpenedEnvelope : IDisposable
{
    private readonly AgeReader _age;
    private readonly IReadOnlyList<long> _offsets;
    private MemberStream? _open;

    internal OpenedEnvelope(AgeReader age, EnvelopeScan scan, InnerStatement statement)
    {
        (_age, _offsets, Statement) = (age, scan.Offsets, statement);
        Token = System.Text.Encoding.ASCII.GetString(scan.Token);
    }

    /// <summary>What the sender signed.</summary>
    public InnerStatement Statement { get; }

    /// <summary>The signed token of <see cref="Statement"/>, for whoever must show it to others.</summary>
    public string Token { get; }

    /// <summary>The members, without the inner statement, in their order.</summary>
    public IReadOnlyList<MemberDigest> Members => Statement.Members;

    /// <summary>Opens a member's content; the member opened before it can then no longer be read.</summary>
    /// <param name="path">One of <see cref="Members"/>.</param>
    /// <returns>
    /// A stream over the content, of known length, which the caller disposes. It throws <see cref="IOException"/> when the
    /// file is no longer the one that was verified.
    /// </returns>
    /// <exception cref="ArgumentException">There is no such member.</exception>
    public Stream Open(string path)
    {
        var index = Members.Select(m => m.Path).ToList().IndexOf(path);
        if (index < 0) throw new ArgumentException($"The envelope has no member {path}.", nameof(path));
        _open?.Close();
        return _open = new MemberStream(_age, _offsets[index], Members[index]);
    }

    /// <summary>Reads a member into memory.</summary>
    /// <param name="path">One of <see cref="Members"/>.</param>
    /// <param name="limit">The most bytes the caller is ready to take.</param>
    /// <returns>The content; the caller's to clear.</returns>
    /// <exception cref="ArgumentException">There is no such member, or it is longer than <paramref name="limit"/>.</exception>
    /// <exception cref="IOException">The file is no longer the one that was verified.</exception>
    public byte[] Read(string path, int limit)
    {
        using var content = Open(path);
        if (content.Length > limit) throw new ArgumentException($"{path} has more than {limit} bytes.", nameof(limit));
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Wipes the key and the plaintext that is held; members can no longer be read.</summary>
    public void Dispose()
    {
        _open?.Close();
        _age.Dispose();
    }

    /// <summary>Names the part only.</summary>
    public override string ToString() => $"opened {Statement.Part}";
}
