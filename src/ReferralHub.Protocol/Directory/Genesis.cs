using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>Entry 0 of the directory: who may admit agencies, and which keys are the hub's. Spec: docs/protocol.md §4.2.</summary>
public sealed partial record Genesis
{
    /// <summary>The type of the signatures over one.</summary>
    public const string Typ = "genesis+jws";

    /// <summary>The hub's name in its logs.</summary>
    public required Origin Origin { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Who may admit agencies: 1 to 15, none of them the hub's operator.</summary>
    public required IReadOnlyList<Registrar> Registrars { get; init; }

    /// <summary>How many registrars must sign: a majority, so that no two disjoint groups can.</summary>
    public required int Threshold { get; init; }

    /// <summary>The key of the hub's own statements.</summary>
    public required VerifyingKey Hub { get; init; }

    /// <summary>The directory log's verifier key.</summary>
    public required string DirectoryLog { get; init; }

    /// <summary>The audit log's verifier key.</summary>
    public required string AuditLog { get; init; }

    /// <summary>The verifier key of the hub's timestamped cosignatures.</summary>
    public required string Cosigner { get; init; }

    /// <summary>SHA-256 of the hub's CA public key (SubjectPublicKeyInfo, DER).</summary>
    public required Digest Ca { get; init; }

    /// <summary><see cref="DirectoryLog"/>, read.</summary>
    public NoteKey DirectoryLogKey => Read(DirectoryLog);

    /// <summary><see cref="AuditLog"/>, read.</summary>
    public NoteKey AuditLogKey => Read(AuditLog);

    /// <summary><see cref="Cosigner"/>, read.</summary>
    public NoteKey CosignerKey => Read(Cosigner);

    /// <summary>The C2SP tlog-policy that a stock verifier needs. Spec: docs/protocol.md §5.</summary>
    public string TrustPolicy => TrustPolicyOf(1);

    /// <summary>The same for another audit log.</summary>
    /// <param name="number">Which audit log: 1 unless the hub was restored.</param>
    public string TrustPolicyOf(int number) => $"log {DirectoryLog}\nlog {AuditLogKeyOf(number)}\nwitness hub {Cosigner}\nquorum hub\n";

    /// <summary>The key of an audit log: the same key under the log's own name. Spec: docs/protocol.md §4.7.</summary>
    /// <param name="number">1 for the first log, one more for each restoration.</param>
    public NoteKey AuditLogKeyOf(int number) => new(Origin.AuditLogOf(number), NoteKeyType.Log, AuditLogKey.Key);

    /// <summary>Opens a checkpoint of whichever audit log of this hub; false unless that log signed it and the hub's cosignature, if there, is good.</summary>
    /// <param name="note">Bytes from anywhere.</param>
    /// <param name="opened">The checkpoint, or null when false.</param>
    /// <param name="number">Of which log.</param>
    public bool TryOpenAuditCheckpoint(ReadOnlySpan<byte> note, [NotNullWhen(true)] out SignedCheckpoint? opened, out int number)
    {
        number = NumberOf(note[..Math.Max(0, note.IndexOf((byte)'\n'))]);
        opened = null;
        return number > 0 && SignedCheckpoint.TryOpen(note, AuditLogKeyOf(number), [CosignerKey], out opened);
    }

    // 0 for what is no origin of an audit log of this hub in its one spelling.
    private int NumberOf(ReadOnlySpan<byte> origin)
    {
        var name = System.Text.Encoding.ASCII.GetString(origin);
        if (name == Origin.AuditLog) return 1;
        return name.StartsWith(Origin.AuditLog + "/", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Origin.AuditLog.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 1 && Origin.AuditLogOf(number) == name
                ? number
                : 0;
    }

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsWellFormed =>
        Registrars.Count is >= 1 and <= 15 && Threshold <= Registrars.Count
        && Threshold * 2 > Registrars.Count
        && Registrars.All(r => RegistrarName().IsMatch(r.Name)) && Registrars.DistinctBy(r => r.Name).Count() == Registrars.Count
        && IsKey(DirectoryLog, Origin.DirectoryLog, NoteKeyType.Log) && IsKey(AuditLog, Origin.AuditLog, NoteKeyType.Log)
        && IsKey(Cosigner, Origin.Cosigner, NoteKeyType.Cosigner)
        && Keys.Distinct().Count() == Registrars.Count + 4;

    /// <summary>Every key that it names, each of which nobody else may register.</summary>
    internal IEnumerable<VerifyingKey> Keys =>
        [.. Registrars.Select(r => r.Key), Hub, DirectoryLogKey.Key, AuditLogKey.Key, CosignerKey.Key];

    private static bool IsKey(string text, string name, NoteKeyType type) =>
        NoteKey.TryParse(text, out var key) && key.Name == name && key.Type == type;

    private static NoteKey Read(string text) =>
        NoteKey.TryParse(text, out var key) ? key : throw new InvalidOperationException("This genesis was never checked.");

    [GeneratedRegex(@"^[a-z0-9-]{2,40}\z")]
    private static partial Regex RegistrarName();
}

/// <summary>One who may admit agencies.</summary>
/// <param name="Name">2 to 40 of <c>a-z 0-9 -</c>.</param>
/// <param name="Key">The key.</param>
public sealed record Registrar(string Name, VerifyingKey Key);
