namespace ReferralHub.Demo.Local;

/// <summary>Where on this machine the folders and addresses of a container are.</summary>
/// <param name="all">In the order of replacing.</param>
internal sealed class Places(params IReadOnlyList<(string There, string Here)> all)
{
    private static readonly string[] OfContainers = ["/run/secrets", "/etc/referralhub", "/var/lib/", "/var/run/", "0.0.0.0", "listen_addresses=*"];

    /// <exception cref="InvalidDataException">A place of the container is left that has none here.</exception>
    public string Here(string text)
    {
        foreach (var (there, here) in all) text = text.Replace(there, here, StringComparison.Ordinal);
        return OfContainers.FirstOrDefault(place => text.Contains(place, StringComparison.Ordinal)) is { } left
            ? throw new InvalidDataException($"deploy/local does not know where {left} is in: {text}")
            : text;
    }

    /// <summary>The same for each word of a command.</summary>
    public IReadOnlyList<string> Here(IEnumerable<string> words) => [.. words.Select(Here)];
}
