using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What happens to an agency after it has joined. Spec: docs/protocol.md §4.2.</summary>
public enum AgencyChangeCode
{
    /// <summary>A new encryption key takes the place of the one before, which still opens what is on its way.</summary>
    RotateEncryption,

    /// <summary>A new signing key takes the place of the one before.</summary>
    RotateSigning,

    /// <summary>A key must no longer be used; what a signing key said since a point of the audit log is suspect.</summary>
    Revoke,

    /// <summary>A new recovery key takes the place of the one before.</summary>
    ChangeRecovery,

    /// <summary>The recovery key brings new keys and voids what others did with the old ones.</summary>
    Recover,

    /// <summary>The registrars let it act no longer.</summary>
    Suspend,

    /// <summary>The registrars let it act again.</summary>
    Resume,

    /// <summary>The registrars end it, for good.</summary>
    Close,
}

/// <summary>An entry about an agency that has enrolled. Which members go with which event is fixed. Spec: docs/protocol.md §4.2.</summary>
public sealed record AgencyChange
{
    /// <summary>The agency.</summary>
    public required AgencyId Agency { get; init; }

    /// <summary>One more than that of its event before.</summary>
    public required int Seq { get; init; }

    /// <summary>Payload digest of its event before.</summary>
    public required Digest Prev { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>What happens.</summary>
    public required AgencyChangeCode Event { get; init; }

    /// <summary>The new signing key, or the one that is revoked.</summary>
    public VerifyingKey? Signing { get; init; }

    /// <summary>The new encryption key, or the one that is revoked.</summary>
    public EncryptionKey? Encryption { get; init; }

    /// <summary>The new recovery key.</summary>
    public VerifyingKey? Recovery { get; init; }

    /// <summary>With <see cref="AgencyChangeCode.Recover"/>: the last event that was the agency's own; what it did later is void.</summary>
    public int? LastGood { get; init; }

    /// <summary>
    /// Size of the audit log from which on statements are suspect: of the signing key that is revoked or, with
    /// <see cref="AgencyChangeCode.Recover"/>, of all before the new one.
    /// </summary>
    public long? CompromisedSince { get; init; }

    /// <summary>With <see cref="AgencyChangeCode.Recover"/>: SHA-256 of the new TLS key (SubjectPublicKeyInfo, DER), so that nobody else gets a certificate by it.</summary>
    public Digest? Tls { get; init; }

    /// <summary>Whether only the registrars may sign such an event.</summary>
    public static bool IsRegistrars(AgencyChangeCode change) =>
        change is AgencyChangeCode.Suspend or AgencyChangeCode.Resume or AgencyChangeCode.Close;

    /// <summary>Reads a change with whatever signatures it has so far; false unless it is exactly of the form.</summary>
    /// <param name="coSigned">The event, from anywhere.</param>
    /// <param name="change">The event, or null when false.</param>
    public static bool TryRead(CoSigned coSigned, [NotNullWhen(true)] out AgencyChange? change)
    {
        ArgumentNullException.ThrowIfNull(coSigned);
        change = coSigned.Typ == AgencyEvent.Typ && StrictJson.TryRead<AgencyChange>(coSigned.Payload.Span, out var read) && read.IsWellFormed ? read : null;
        return change is not null;
    }

    /// <summary>Signs it; registrars add theirs later, where they must.</summary>
    public CoSigned Sign(params IEnumerable<SigningKey> signers)
    {
        var payload = StrictJson.Write(this);
        return CoSigned.From(signers.Select(signer => Jws.Sign(signer, AgencyEvent.Typ, payload)));
    }

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsWellFormed
    {
        get
        {
            var brings = (Signing is not null, Encryption is not null, Recovery is not null);
            var fits = Event switch
            {
                AgencyChangeCode.RotateEncryption => brings is (false, true, false),
                AgencyChangeCode.RotateSigning => brings is (true, false, false),
                AgencyChangeCode.Revoke => brings is (true, false, false) or (false, true, false),
                AgencyChangeCode.ChangeRecovery => brings is (false, false, true),
                AgencyChangeCode.Recover => brings is (true, true, false),
                _ => brings is (false, false, false),
            };
            var isRecover = Event is AgencyChangeCode.Recover;
            return fits && Seq >= 1
                && (LastGood is not null) == isRecover && !(LastGood < 0) && !(LastGood >= Seq)
                && (Tls is not null) == isRecover
                && !(CompromisedSince < 0) && MayTellSince();
        }
    }

    // A signing key that is only to be replaced is rotated; one that is revoked was, or may have been, another's.
    private bool MayTellSince() => Event switch
    {
        AgencyChangeCode.Revoke => (CompromisedSince is not null) == (Signing is not null),
        AgencyChangeCode.Recover => true,
        _ => CompromisedSince is null,
    };
}
