namespace ReferralHub.Sealing.Envelopes;

/// <summary>A member to seal.</summary>
/// <param name="Path">Its path in the tar, see <see cref="EnvelopeLayout"/>.</param>
/// <param name="Size">The length of its content in bytes, less than 8 GiB; known beforehand because a tar says it first.</param>
/// <param name="Open">Opens the content when its turn comes; the stream is read once to its end and then disposed.</param>
public sealed record EnvelopeMember(string Path, long Size, Func<Stream> Open)
{
    /// <summary>A member whose content is in memory.</summary>
    /// <param name="path">Its path in the tar.</param>
    /// <param name="content">The content; not copied, so it stays as it is until sealed.</param>
    public static EnvelopeMember Of(string path, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new EnvelopeMember(path, content.Length, () => new MemoryStream(content, writable: false));
    }
}
