using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What happens to an agency in the directory.</summary>
public enum AgencyEventCode
{
    /// <summary>It joins.</summary>
    Enrol,
}

/// <summary>An entry about an agency. Spec: docs/protocol.md §4.2.</summary>
public sealed partial record AgencyEvent
{
    /// <summary>The type of the signatures over one.</summary>
    public const string Typ = "agency-event+jws";

    /// <summary>The agency.</summary>
    public required AgencyId Agency { get; init; }

    /// <summary>0 for its first event, then one more each.</summary>
    public required int Seq { get; init; }

    /// <summary>Payload digest of its event before; absent in the first.</summary>
    public Digest? Prev { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>What happens.</summary>
    public required AgencyEventCode Event { get; init; }

    /// <summary>What the agency is.</summary>
    public required AgencyKind Kind { get; init; }

    /// <summary>Its public name, 2 to 80 printable ASCII characters without a backslash or quote.</summary>
    public required string Name { get; init; }

    /// <summary>The key whose fingerprint people compare; its private half is on paper.</summary>
    public required VerifyingKey Recovery { get; init; }

    /// <summary>The key of its statements.</summary>
    public required VerifyingKey Signing { get; init; }

    /// <summary>The key that envelopes are sealed to.</summary>
    public required EncryptionKey Encryption { get; init; }

    /// <summary>What it offers.</summary>
    public required IReadOnlyList<ServiceFamily> Services { get; init; }

    /// <summary>
    /// Reads an enrolment as an agency hands it in: signed by exactly its own recovery and signing keys, not yet by registrars.
    /// </summary>
    /// <param name="coSigned">The event with its signatures, from anywhere.</param>
    /// <param name="enrolment">The event, or null when false.</param>
    public static bool TryReadEnrolment(CoSigned coSigned, [NotNullWhen(true)] out AgencyEvent? enrolment)
    {
        ArgumentNullException.ThrowIfNull(coSigned);
        enrolment = coSigned.Typ == Typ && StrictJson.TryRead<AgencyEvent>(coSigned.Payload.Span, out var read) && read.IsWellFormed
            && coSigned.Signatures.Count == 2 && coSigned.IsSignedBy(read.Recovery) && coSigned.IsSignedBy(read.Signing)
                ? read
                : null;
        return enrolment is not null;
    }

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsWellFormed =>
        Agency != AgencyId.Hub && Seq == 0 && Prev is null && NameGrammar().IsMatch(Name) && !Recovery.Equals(Signing)
        && Services.Distinct().Count() == Services.Count;

    [GeneratedRegex(@"^[!-~][ -~]{0,78}[!-~]\z")]
    private static partial Regex NameGrammar();
}
