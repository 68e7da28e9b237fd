using System.Collections.Immutable;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>Whether an agency may act.</summary>
public enum AgencyStatus
{
    /// <summary>It may.</summary>
    Active,

    /// <summary>The registrars let it act no longer, for the time being.</summary>
    Suspended,

    /// <summary>It has ended, and its name with it.</summary>
    Closed,
}

/// <summary>A key and the time in which it counted, as sizes of the directory.</summary>
/// <typeparam name="T">What kind of key.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Seq">The event that brought it.</param>
/// <param name="From">Index of that entry: it counts in a directory larger than this.</param>
/// <param name="BroughtAt">When that event was written.</param>
public sealed record KeyPeriod<T>(T Key, int Seq, long From, DateTimeOffset BroughtAt)
{
    /// <summary>Index of the entry that ended it; null while it counts.</summary>
    public long? Until { get; init; }

    /// <summary>Whether it counted in the directory's first <paramref name="size"/> entries.</summary>
    public bool Counts(long size) => From < size && (Until is not { } until || size <= until);
}

/// <summary>One event of an agency.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Index">Index of the entry.</param>
/// <param name="PayloadDigest">Digest of the entry's payload.</param>
/// <param name="Change">What happened; null for the enrolment.</param>
/// <param name="ByRegistrars">Whether registrars alone signed it.</param>
public sealed record AgencyStep(int Seq, long Index, Digest PayloadDigest, AgencyChangeCode? Change, bool ByRegistrars);

/// <summary>An agency as the directory has it after one of its events. Immutable. Spec: docs/protocol.md §4.2.</summary>
public sealed record Agency
{
    /// <summary>Days after which a signing key is stale: docs/protocol.md §2.1.</summary>
    public const int SigningKeyDays = 365;

    /// <summary>Days after which an encryption key is stale.</summary>
    public const int EncryptionKeyDays = 91;

    /// <summary>As it enrols.</summary>
    /// <param name="enrolment">The event.</param>
    /// <param name="index">Index of that entry.</param>
    /// <param name="digest">Digest of that entry's payload.</param>
    internal Agency(AgencyEvent enrolment, long index, Digest digest)
    {
        (Event, Recovery) = (enrolment, enrolment.Recovery);
        SigningKeys = [new(enrolment.Signing, 0, index, enrolment.IssuedAt)];
        EncryptionKeys = [new(enrolment.Encryption, 0, index, enrolment.IssuedAt)];
        Steps = [new(0, index, digest, null, ByRegistrars: false)];
        Statuses = [(index, AgencyStatus.Active)];
    }

    /// <summary>Its enrolment.</summary>
    public AgencyEvent Event { get; }

    /// <summary>Its name.</summary>
    public AgencyId Id => Event.Agency;

    /// <summary>Index of its enrolment.</summary>
    public long Index => Steps[0].Index;

    /// <summary>The key whose fingerprint people compare.</summary>
    public VerifyingKey Recovery { get; private init; }

    /// <summary>Its signing keys, oldest first; at most the last counts now.</summary>
    public ImmutableList<KeyPeriod<VerifyingKey>> SigningKeys { get; private init; }

    /// <summary>Its encryption keys, likewise.</summary>
    public ImmutableList<KeyPeriod<EncryptionKey>> EncryptionKeys { get; private init; }

    /// <summary>Its events, in their order.</summary>
    public ImmutableList<AgencyStep> Steps { get; private init; }

    /// <summary>The last of them.</summary>
    public AgencyStep Last => Steps[^1];

    /// <summary>Whether it may act now.</summary>
    public AgencyStatus Status => Statuses[^1].Status;

    /// <summary>The key of its statements; null between revoking one and bringing another.</summary>
    public VerifyingKey? Signing => SigningKeys[^1] is { Until: null, Key: var key } ? key : null;

    /// <summary>What envelopes to it are sealed to; null likewise.</summary>
    public EncryptionKey? Encryption => EncryptionKeys[^1] is { Until: null, Key: var key } ? key : null;

    /// <summary>Whether it should have replaced the key that envelopes to it are sealed to.</summary>
    /// <param name="at">The time.</param>
    public bool HasStaleEncryptionKey(DateTimeOffset at) => EncryptionKeys[^1] is { Until: null } key && at >= key.BroughtAt.AddDays(EncryptionKeyDays);

    /// <summary>Whether it should have replaced the key of its statements.</summary>
    /// <param name="at">The time.</param>
    public bool HasStaleSigningKey(DateTimeOffset at) => SigningKeys[^1] is { Until: null } key && at >= key.BroughtAt.AddDays(SigningKeyDays);

    private ImmutableList<(long Index, AgencyStatus Status)> Statuses { get; init; }

    // What says that a key was in other hands, void or not: what a later recovery says of these can change.
    private ImmutableList<(int Seq, string Key, long? Since)> Revocations { get; init; } = [];

    private ImmutableList<(int Seq, int LastGood, long? Since)> Recoveries { get; init; } = [];

    /// <summary>Whether it may act in the directory's first <paramref name="size"/> entries.</summary>
    public bool IsActive(long size) => StatusAt(size) == AgencyStatus.Active;

    /// <summary>Its status in the directory's first <paramref name="size"/> entries; null before it had enrolled.</summary>
    public AgencyStatus? StatusAt(long size) => Statuses.LastOrDefault(s => s.Index < size) is { Index: > 0, Status: var status } ? status : null;

    /// <summary>The key that counted in the directory's first <paramref name="size"/> entries under this name, or null.</summary>
    public VerifyingKey? FindKey(string kid, long size) => SigningKeys.FirstOrDefault(k => k.Key.Thumbprint == kid && k.Counts(size))?.Key;

    /// <summary>Whether what a key signed that the audit log has at <paramref name="auditIndex"/> may be another's work.</summary>
    public bool IsSuspect(string kid, long auditIndex) => IsSuspect(kid, _ => auditIndex);

    /// <summary>The same where the hub was restored: sizes in the directory are of the log that there was when they were written.</summary>
    /// <param name="kid">The key.</param>
    /// <param name="indexAt">The statement's index in the audit log that there was when the directory had an entry of this index.</param>
    internal bool IsSuspect(string kid, Func<long, long> indexAt)
    {
        if (SigningKeys.FirstOrDefault(k => k.Key.Thumbprint == kid) is not { Seq: var brought }) return false;
        var voids = Voids();
        return Revocations.Any(r => r.Key == kid && IsSince(r.Seq, r.Since) && !voids.Any(v => v.Has(r.Seq)))
            // What a void event brought was never the agency's.
            || Recoveries.Any(r => brought < r.Seq && (brought > r.LastGood || IsSince(r.Seq, r.Since)) && !voids.Any(v => v.Has(r.Seq)));

        bool IsSince(int seq, long? since) => since is { } size && indexAt(Steps[seq].Index) >= size;
    }

    /// <summary>Whether a key, by its thumbprint or its text, is revoked.</summary>
    public bool IsRevoked(string key)
    {
        var voids = Voids();
        return Revocations.Any(r => r.Key == key && !voids.Any(v => v.Has(r.Seq)));
    }

    /// <summary>What its next event changes; null if it may not be now. Signers are the caller's to check.</summary>
    internal Agency? After(AgencyChange change, AgencyStep step)
    {
        var next = this with { Steps = Steps.Add(step) };
        if (Status == AgencyStatus.Closed) return null;
        return change.Event switch
        {
            AgencyChangeCode.RotateEncryption => next with { EncryptionKeys = Turn(EncryptionKeys, change.Encryption!, change, step) },
            AgencyChangeCode.RotateSigning => next with { SigningKeys = Turn(SigningKeys, change.Signing!, change, step) },
            AgencyChangeCode.ChangeRecovery => next with { Recovery = change.Recovery! },
            AgencyChangeCode.Revoke when change.Signing is { } key => MayRevoke(SigningKeys, key, key.Thumbprint)
                ? next with { SigningKeys = End(SigningKeys, key, step), Revocations = Revocations.Add((step.Seq, key.Thumbprint, change.CompromisedSince)) }
                : null,
            AgencyChangeCode.Revoke when change.Encryption is { } key => MayRevoke(EncryptionKeys, key, key.ToString())
                ? next with { EncryptionKeys = End(EncryptionKeys, key, step), Revocations = Revocations.Add((step.Seq, key.ToString(), null)) }
                : null,
            AgencyChangeCode.Revoke => null,
            AgencyChangeCode.Recover => next with
            {
                SigningKeys = Turn(SigningKeys, change.Signing!, change, step),
                EncryptionKeys = Turn(EncryptionKeys, change.Encryption!, change, step),
                Recoveries = Recoveries.Add((step.Seq, change.LastGood!.Value, change.CompromisedSince)),
            },
            AgencyChangeCode.Suspend => Status == AgencyStatus.Active ? next.Become(AgencyStatus.Suspended, step) : null,
            AgencyChangeCode.Resume => Status == AgencyStatus.Suspended ? next.Become(AgencyStatus.Active, step) : null,
            AgencyChangeCode.Close => next.Become(AgencyStatus.Closed, step),
        };
    }

    private Agency Become(AgencyStatus status, AgencyStep step) => this with { Statuses = Statuses.Add((step.Index, status)) };

    private static ImmutableList<KeyPeriod<T>> Turn<T>(IEnumerable<KeyPeriod<T>> keys, T key, AgencyChange change, AgencyStep step) =>
        [.. keys.Select(k => k with { Until = k.Until ?? step.Index }), new(key, step.Seq, step.Index, change.IssuedAt)];

    private bool MayRevoke<T>(ImmutableList<KeyPeriod<T>> keys, T key, string name)
        where T : IEquatable<T> => keys.Any(k => k.Key.Equals(key)) && !IsRevoked(name);

    private static ImmutableList<KeyPeriod<T>> End<T>(ImmutableList<KeyPeriod<T>> keys, T key, AgencyStep step)
        where T : IEquatable<T> => [.. keys.Select(k => k.Key.Equals(key) ? k with { Until = k.Until ?? step.Index } : k)];

    // From the end: a recovery that a later one voids voids nothing.
    private List<Gap> Voids()
    {
        var voids = new List<Gap>();
        foreach (var (seq, lastGood, _) in Recoveries.Reverse())
        {
            if (!voids.Any(v => v.Has(seq))) voids.Add(new(lastGood, seq));
        }

        return voids;
    }

    private readonly record struct Gap(int After, int Before)
    {
        public bool Has(int seq) => seq > After && seq < Before;
    }
}
