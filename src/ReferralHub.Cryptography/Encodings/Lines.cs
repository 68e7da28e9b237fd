namespace ReferralHub.Cryptography.Encodings;

/// <summary>Reads lines that each end in LF. What follows the last LF is <see cref="Rest"/>, never a line.</summary>
internal ref struct Lines(ReadOnlySpan<byte> text)
{
    /// <summary>The bytes not yet read.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    /// <summary>Reads the next line without its LF; false when no LF is left.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var end = Rest.IndexOf((byte)'\n');
        line = end < 0 ? default : Rest[..end];
        if (end >= 0) Rest = Rest[(end + 1)..];
        return end >= 0;
    }
}
