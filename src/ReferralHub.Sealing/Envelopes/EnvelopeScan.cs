using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Content;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// The first pass over an envelope: reads all of the tar and the padding, keeps what is small, forgets the rest.
/// The tar has one spelling, and it is checked by writing each header again. Spec: docs/protocol.md §2.4, §2.5.
/// </summary>
internal sealed class EnvelopeScan(AgeReader age)
{
    private readonly List<MemberDigest> _members = [];
    private readonly List<long> _offsets = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private long _position;
    private EnvelopeFault? _fault;

    /// <summary>The members read, without the inner statement.</summary>
    public IReadOnlyList<MemberDigest> Members => _members;

    /// <summary>Where in the payload each member's content begins.</summary>
    public IReadOnlyList<long> Offsets => _offsets;

    /// <summary>The first member's content; null when it is longer than any form.</summary>
    public byte[]? Form { get; private set; }

    /// <summary>The inner statement's token, unread.</summary>
    public byte[] Token { get; private set; } = [];

    /// <summary>Reads to the end of the file; null, or what is wrong.</summary>
    public EnvelopeFault? Run()
    {
        try
        {
            _ = ReadMembers() && ReadEnd();
            return _fault;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_buffer);
        }
    }

    private bool ReadMembers()
    {
        Span<byte> block = stackalloc byte[TarHeader.BlockBytes];
        while (true)
        {
            if (!Read(block)) return false;
            if (!TarHeader.TryRead(block, out var path, out var size)) return Fail(EnvelopeFault.TarMalformed);
            if (path == EnvelopeLayout.StatementPath) return ReadStatement(size);
            if (_members.Count == EnvelopeLayout.MaxMembers) return Fail(EnvelopeFault.TarMalformed);
            if (!ReadMember(path, size)) return false;
        }
    }

    private bool ReadMember(string path, long size)
    {
        var isForm = _members.Count == 0 && size <= SealedJson.MaxBytes;
        var form = isForm ? GC.AllocateUninitializedArray<byte>((int)size, pinned: true) : [];
        var offset = _position;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var left = size; left > 0;)
        {
            var piece = _buffer.AsSpan(0, (int)Math.Min(left, _buffer.Length));
            if (!Read(piece)) return false;
            hash.AppendData(piece);
            if (isForm) piece.CopyTo(form.AsSpan((int)(size - left)));
            left -= piece.Length;
        }

        if (isForm) Form = form;
        _offsets.Add(offset);
        _members.Add(new MemberDigest(path, size, Digest.From(hash.GetHashAndReset())));
        return ReadZeros(TarHeader.Gap(size), EnvelopeFault.TarMalformed);
    }

    private bool ReadStatement(long size)
    {
        if (size > Jws.MaxSize) return Fail(EnvelopeFault.InnerStatementMalformed);
        Token = new byte[size];
        return Read(Token) && ReadZeros(TarHeader.Gap(size), EnvelopeFault.TarMalformed);
    }

    private bool ReadEnd()
    {
        if (!ReadZeros(2 * TarHeader.BlockBytes, EnvelopeFault.TarMalformed)) return false;
        if (age.Length != Padme.EnvelopeLength(_position)) return Fail(EnvelopeFault.PaddingMalformed);
        return ReadZeros(age.Length - _position, EnvelopeFault.PaddingMalformed) && ReadNothing();
    }

    private bool ReadZeros(long count, EnvelopeFault otherwise)
    {
        while (count > 0)
        {
            var piece = _buffer.AsSpan(0, (int)Math.Min(count, _buffer.Length));
            if (!Read(piece)) return false;
            if (piece.ContainsAnyExcept((byte)0)) return Fail(otherwise);
            count -= piece.Length;
        }

        return true;
    }

    // Only this proves that the sealer's last byte was read, and not the last before a cut between two chunks.
    private bool ReadNothing() => (age.TryRead(_buffer, out var count) && count == 0) || Fail(EnvelopeFault.PayloadDamaged);

    private bool Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (!age.TryRead(destination, out var count)) return Fail(EnvelopeFault.PayloadDamaged);
            if (count == 0) return Fail(EnvelopeFault.TarMalformed);
            destination = destination[count..];
            _position += count;
        }

        return true;
    }

    private bool Fail(EnvelopeFault fault)
    {
        _fault = fault;
        return false;
    }
}
