using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What is wrong with a directory entry.</summary>
public enum DirectoryFault
{
    /// <summary>Not a co-signed statement of a known kind in its exact form.</summary>
    Malformed,

    /// <summary>Entry 0 is not the genesis that was promised.</summary>
    WrongGenesis,

    /// <summary>A second genesis.</summary>
    SecondGenesis,

    /// <summary>A required signature is missing or wrong.</summary>
    SignerMissing,

    /// <summary>Somebody signed who has no part in it.</summary>
    SignerUnexpected,

    /// <summary>The agency is in the directory already.</summary>
    AgencyTaken,

    /// <summary>A key is in the directory already.</summary>
    KeyTaken,

    /// <summary>The policy's version does not follow the last.</summary>
    VersionBroken,

    /// <summary>An event of an agency that never enrolled.</summary>
    AgencyUnknown,

    /// <summary>An agency's event does not follow one of its events before.</summary>
    SeqBroken,

    /// <summary>A key is revoked that is not the agency's, or is revoked already.</summary>
    KeyUnknown,

    /// <summary>What happens is not possible in the agency's status.</summary>
    StatusForbids,
}

/// <summary>A valid event that came after another one with its number had been taken: somebody has signed two. It has no effect.</summary>
/// <param name="Index">Index of the entry.</param>
/// <param name="Agency">The agency.</param>
/// <param name="Seq">The number.</param>
/// <param name="PayloadDigest">Digest of the entry's payload.</param>
public sealed record DirectoryConflict(long Index, AgencyId Agency, int Seq, Digest PayloadDigest);

/// <summary>
/// The directory log, replayed: the only source of keys. Immutable; <see cref="TryAppend"/> gives the next one.
/// Hub, gateways and auditors all replay with this code. Spec: docs/protocol.md §4.2, §4.3.
/// </summary>
public sealed class AgencyDirectory
{
    // Each agency after each of its events, by their numbers.
    private readonly ImmutableDictionary<AgencyId, ImmutableList<Agency>> _agencies;
    private readonly ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy Policy, long Index)>> _policies;
    private readonly ImmutableHashSet<string> _keys;

    private AgencyDirectory(
        Genesis genesis,
        Digest fingerprint,
        long size,
        ImmutableDictionary<AgencyId, ImmutableList<Agency>> agencies,
        ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy Policy, long Index)>> policies,
        ImmutableHashSet<string> keys,
        ImmutableList<DirectoryConflict> conflicts)
    {
        (Genesis, Fingerprint, Size, Conflicts) = (genesis, fingerprint, size, conflicts);
        (_agencies, _policies, _keys) = (agencies, policies, keys);
    }

    /// <summary>Entry 0.</summary>
    public Genesis Genesis { get; }

    /// <summary>F: SHA-256 of entry 0's bytes, what people name the hub by.</summary>
    public Digest Fingerprint { get; }

    /// <summary>Number of entries replayed.</summary>
    public long Size { get; }

    /// <summary>All agencies, in no order.</summary>
    public IEnumerable<Agency> Agencies => _agencies.Values.Select(past => past[^1]);

    /// <summary>The events that came second, in the order of the log: each is an alarm.</summary>
    public ImmutableList<DirectoryConflict> Conflicts { get; }

    /// <summary>Starts from entry 0.</summary>
    /// <param name="entry">Its bytes.</param>
    /// <param name="fingerprint">What SHA-256 of it must be; null only where there is nobody to ask, at the hub itself.</param>
    /// <param name="directory">The directory of one entry.</param>
    /// <param name="fault">What is wrong, if false.</param>
    public static bool TryBegin(
        ReadOnlySpan<byte> entry, Digest? fingerprint, [NotNullWhen(true)] out AgencyDirectory? directory, out DirectoryFault fault)
    {
        directory = null;
        var digest = Digest.Of(entry);
        fault = DirectoryFault.WrongGenesis;
        if (fingerprint is { } promised && promised != digest) return false;

        fault = DirectoryFault.Malformed;
        if (!CoSigned.TryParse(entry, out var signed) || signed.Typ != Genesis.Typ) return false;
        if (!StrictJson.TryRead<Genesis>(signed.Payload.Span, out var genesis) || !genesis.IsWellFormed) return false;

        fault = DirectoryFault.SignerMissing;
        if (!genesis.Registrars.All(r => signed.IsSignedBy(r.Key))) return false;
        fault = DirectoryFault.SignerUnexpected;
        if (signed.Signatures.Count != genesis.Registrars.Count) return false;

        var keys = genesis.Keys.Select(k => k.Thumbprint).ToImmutableHashSet(StringComparer.Ordinal);
        directory = new AgencyDirectory(
            genesis, digest, 1,
            ImmutableDictionary<AgencyId, ImmutableList<Agency>>.Empty, ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy, long)>>.Empty, keys, []);
        return true;
    }

    /// <summary>Replays one more entry; this directory stays as it is.</summary>
    public bool TryAppend(ReadOnlySpan<byte> entry, [NotNullWhen(true)] out AgencyDirectory? next, out DirectoryFault fault)
    {
        next = null;
        fault = DirectoryFault.Malformed;
        if (!CoSigned.TryParse(entry, out var signed)) return false;
        switch (signed.Typ)
        {
            case Genesis.Typ:
                fault = DirectoryFault.SecondGenesis;
                return false;
            case JurisdictionPolicy.Typ:
                return TryAppendPolicy(signed, out next, out fault);
            case AgencyEvent.Typ:
                return AgencyChange.TryRead(signed, out var change)
                    ? TryAppendChange(signed, change, out next, out fault)
                    : TryAppendAgency(signed, out next, out fault);
            default:
                return false;
        }
    }

    /// <summary>The agency, or null.</summary>
    public Agency? Find(AgencyId id) => _agencies.GetValueOrDefault(id)?[^1];

    /// <summary>The policy's version in force at this size, or null.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="size">Directory size to judge at; at most <see cref="Size"/>.</param>
    public JurisdictionPolicy? FindPolicy(PolicyId id, long size) =>
        _policies.GetValueOrDefault(id)?.LastOrDefault(p => p.Index < size).Policy;

    /// <summary>Of each policy the version in force at this size.</summary>
    /// <param name="size">Directory size to judge at; at most <see cref="Size"/>.</param>
    public IEnumerable<JurisdictionPolicy> PoliciesAt(long size) => _policies.Keys.Select(id => FindPolicy(id, size)).OfType<JurisdictionPolicy>();

    /// <summary>Whether a policy in force names <paramref name="area"/>, or none names any.</summary>
    /// <param name="area">A coarse area.</param>
    /// <param name="size">Directory size to judge at; at most <see cref="Size"/>.</param>
    public bool KnowsArea(AreaCode area, long size)
    {
        var named = PoliciesAt(size).Select(policy => policy.Areas).OfType<IReadOnlyList<AreaCode>>().ToList();
        return named.Count == 0 || named.Any(areas => areas.Contains(area));
    }

    /// <summary>Whether <paramref name="agency"/> was active in the directory's first <paramref name="size"/> entries.</summary>
    public bool IsActive(AgencyId agency, long size) => Find(agency)?.IsActive(size) ?? false;

    /// <summary>Whether one of the keys that <paramref name="enrolment"/> brings is somebody's already.</summary>
    public bool HasKeyOf(AgencyEvent enrolment)
    {
        ArgumentNullException.ThrowIfNull(enrolment);
        return KeysOf(enrolment).Any(_keys.Contains);
    }

    /// <summary>The key that checks a statement of <paramref name="issuer"/> under key id <paramref name="kid"/>, or null.</summary>
    /// <param name="issuer">An agency, or <see cref="AgencyId.Hub"/>.</param>
    /// <param name="kid">The token's key id: it selects among the issuer's keys and is never itself trusted.</param>
    /// <param name="size">Directory size to judge at; at most <see cref="Size"/>.</param>
    public VerifyingKey? FindKey(AgencyId issuer, string kid, long size)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        if (issuer == AgencyId.Hub) return Genesis.Hub.Thumbprint == kid ? Genesis.Hub : null;
        return IsActive(issuer, size) ? Find(issuer)!.FindKey(kid, size) : null;
    }

    /// <summary>The key of that name, whenever it counted: for what was verified at its time and is read again.</summary>
    public VerifyingKey? FindAnyKey(AgencyId issuer, string kid)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return issuer == AgencyId.Hub ? FindKey(issuer, kid, Size) : Find(issuer)?.SigningKeys.FirstOrDefault(k => k.Key.Thumbprint == kid)?.Key;
    }

    /// <summary>Whether a statement of <paramref name="issuer"/> may be another's work, by what the directory says now.</summary>
    /// <param name="issuer">Who is said to have signed it.</param>
    /// <param name="kid">Under which key.</param>
    /// <param name="auditIndex">Where the audit log has it.</param>
    public bool IsSuspect(AgencyId issuer, string kid, long auditIndex) => Find(issuer)?.IsSuspect(kid, auditIndex) ?? false;

    /// <inheritdoc cref="Agency.IsSuspect(string, Func{long, long})"/>
    internal bool IsSuspect(AgencyId issuer, string kid, Func<long, long> indexAt) => Find(issuer)?.IsSuspect(kid, indexAt) ?? false;

    private static string[] KeysOf(AgencyEvent enrolment) =>
        [enrolment.Recovery.Thumbprint, enrolment.Signing.Thumbprint, enrolment.Encryption.ToString()];

    private static string[] KeysOf(AgencyChange change) => change.Event == AgencyChangeCode.Revoke
        ? []
        : [.. new[] { change.Signing?.Thumbprint, change.Encryption?.ToString(), change.Recovery?.Thumbprint }.OfType<string>()];

    private bool TryAppendPolicy(CoSigned signed, [NotNullWhen(true)] out AgencyDirectory? next, out DirectoryFault fault)
    {
        next = null;
        fault = DirectoryFault.Malformed;
        if (!StrictJson.TryRead<JurisdictionPolicy>(signed.Payload.Span, out var policy) || !policy.IsWellFormed) return false;
        if (SignerFault(signed, []) is { } signerFault)
        {
            fault = signerFault;
            return false;
        }

        fault = DirectoryFault.VersionBroken;
        var versions = _policies.GetValueOrDefault(policy.Id) ?? [];
        if (policy.Version != versions.Count + 1) return false;

        next = new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies, _policies.SetItem(policy.Id, versions.Add((policy, Size))), _keys, Conflicts);
        return true;
    }

    private bool TryAppendAgency(CoSigned signed, [NotNullWhen(true)] out AgencyDirectory? next, out DirectoryFault fault)
    {
        next = null;
        fault = DirectoryFault.Malformed;
        if (!StrictJson.TryRead<AgencyEvent>(signed.Payload.Span, out var enrol) || !enrol.IsWellFormed) return false;
        if (SignerFault(signed, [enrol.Recovery, enrol.Signing]) is { } signerFault)
        {
            fault = signerFault;
            return false;
        }

        fault = DirectoryFault.AgencyTaken;
        if (_agencies.ContainsKey(enrol.Agency)) return false;

        fault = DirectoryFault.KeyTaken;
        if (HasKeyOf(enrol)) return false;

        var agency = new Agency(enrol, Size, signed.PayloadDigest);
        next = new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies.Add(enrol.Agency, [agency]), _policies, _keys.Union(KeysOf(enrol)), Conflicts);
        return true;
    }

    private bool TryAppendChange(CoSigned signed, AgencyChange change, [NotNullWhen(true)] out AgencyDirectory? next, out DirectoryFault fault)
    {
        next = null;
        fault = DirectoryFault.AgencyUnknown;
        if (!_agencies.TryGetValue(change.Agency, out var past)) return false;

        var digest = signed.PayloadDigest;
        fault = DirectoryFault.SeqBroken;
        if (change.Seq > past.Count || past[change.Seq - 1].Last.PayloadDigest != change.Prev) return false;
        var second = change.Seq < past.Count;
        if (second && past[change.Seq].Last.PayloadDigest == digest) return false;

        // Of two events with one number both are judged by what was before them.
        var before = past[change.Seq - 1];
        if (SignerFault(signed, before, change) is { } signerFault)
        {
            fault = signerFault;
            return false;
        }

        fault = DirectoryFault.KeyTaken;
        var keys = KeysOf(change);
        if (keys.Any(_keys.Contains)) return false;

        fault = change.Event == AgencyChangeCode.Revoke && before.Status != AgencyStatus.Closed ? DirectoryFault.KeyUnknown : DirectoryFault.StatusForbids;
        var byRegistrars = AgencyChange.IsRegistrars(change.Event) || (change.Recovery is { } recovery && !signed.IsSignedBy(recovery));
        if (before.After(change, new(change.Seq, Size, digest, change.Event, byRegistrars)) is not { } after) return false;

        next = second
            ? new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies, _policies, _keys, Conflicts.Add(new(Size, change.Agency, change.Seq, digest)))
            : new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies.SetItem(change.Agency, past.Add(after)), _policies, _keys.Union(keys), Conflicts);
        return true;
    }

    /// <summary>Everybody in <paramref name="required"/>, at least the threshold of registrars, and nobody else must have signed.</summary>
    private DirectoryFault? SignerFault(CoSigned signed, VerifyingKey[] required)
    {
        if (!required.All(signed.IsSignedBy)) return DirectoryFault.SignerMissing;
        var registrars = Genesis.Registrars.Count(r => signed.IsSignedBy(r.Key));
        if (registrars < Genesis.Threshold) return DirectoryFault.SignerMissing;
        return signed.Signatures.Count == required.Length + registrars ? null : DirectoryFault.SignerUnexpected;
    }

    /// <summary>The keys of one of the ways must all have signed, and nobody else.</summary>
    private DirectoryFault? SignerFault(CoSigned signed, Agency before, AgencyChange change)
    {
        VerifyingKey?[][] ways = change.Event switch
        {
            AgencyChangeCode.RotateEncryption or AgencyChangeCode.Revoke => [[before.Signing], [before.Recovery]],
            AgencyChangeCode.RotateSigning => [[before.Signing, change.Signing], [before.Recovery, change.Signing]],
            AgencyChangeCode.ChangeRecovery => [[before.Recovery, change.Recovery]],
            AgencyChangeCode.Recover => [[before.Recovery, change.Signing]],
            AgencyChangeCode.Suspend or AgencyChangeCode.Resume or AgencyChangeCode.Close => [],
        };
        var enough = ways.Where(way => way.All(key => key is not null && signed.IsSignedBy(key))).ToList();
        if (enough.Any(way => way.Length == signed.Signatures.Count)) return null;
        if (AgencyChange.IsRegistrars(change.Event) || (change.Event == AgencyChangeCode.ChangeRecovery && enough.Count == 0)) return SignerFault(signed, []);
        return enough.Count == 0 ? DirectoryFault.SignerMissing : DirectoryFault.SignerUnexpected;
    }
}
