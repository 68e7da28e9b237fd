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
}

/// <summary>An agency as the directory has it.</summary>
/// <param name="Event">Its enrolment.</param>
/// <param name="Index">Index of that entry: its keys count in a directory larger than this.</param>
/// <param name="PayloadDigest">Digest of that entry's payload.</param>
public sealed record Agency(AgencyEvent Event, long Index, Digest PayloadDigest)
{
    /// <summary>Its name.</summary>
    public AgencyId Id => Event.Agency;
}

/// <summary>
/// The directory log, replayed: the only source of keys. Immutable; <see cref="TryAppend"/> gives the next one.
/// Hub, gateways and auditors all replay with this code. Spec: docs/protocol.md §4.2, §4.3.
/// </summary>
public sealed class AgencyDirectory
{
    private readonly ImmutableDictionary<AgencyId, Agency> _agencies;
    private readonly ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy Policy, long Index)>> _policies;
    private readonly ImmutableHashSet<string> _keys;

    private AgencyDirectory(
        Genesis genesis,
        Digest fingerprint,
        long size,
        ImmutableDictionary<AgencyId, Agency> agencies,
        ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy Policy, long Index)>> policies,
        ImmutableHashSet<string> keys)
    {
        (Genesis, Fingerprint, Size) = (genesis, fingerprint, size);
        (_agencies, _policies, _keys) = (agencies, policies, keys);
    }

    /// <summary>Entry 0.</summary>
    public Genesis Genesis { get; }

    /// <summary>F: SHA-256 of entry 0's bytes, what people name the hub by.</summary>
    public Digest Fingerprint { get; }

    /// <summary>Number of entries replayed.</summary>
    public long Size { get; }

    /// <summary>All agencies, in no order.</summary>
    public IEnumerable<Agency> Agencies => _agencies.Values;

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
            ImmutableDictionary<AgencyId, Agency>.Empty, ImmutableDictionary<PolicyId, ImmutableList<(JurisdictionPolicy, long)>>.Empty, keys);
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
                return TryAppendAgency(signed, out next, out fault);
            default:
                return false;
        }
    }

    /// <summary>The agency, or null.</summary>
    public Agency? Find(AgencyId id) => _agencies.GetValueOrDefault(id);

    /// <summary>The policy's version in force at this size, or null.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="size">Directory size to judge at; at most <see cref="Size"/>.</param>
    public JurisdictionPolicy? FindPolicy(PolicyId id, long size) =>
        _policies.GetValueOrDefault(id)?.LastOrDefault(p => p.Index < size).Policy;

    /// <summary>Whether <paramref name="agency"/> was active in the directory's first <paramref name="size"/> entries.</summary>
    public bool IsActive(AgencyId agency, long size) => Find(agency) is { } found && found.Index < size;

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
        var key = issuer == AgencyId.Hub ? Genesis.Hub : IsActive(issuer, size) ? Find(issuer)!.Event.Signing : null;
        return key?.Thumbprint == kid ? key : null;
    }

    private static string[] KeysOf(AgencyEvent enrolment) =>
        [enrolment.Recovery.Thumbprint, enrolment.Signing.Thumbprint, enrolment.Encryption.ToString()];

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

        next = new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies, _policies.SetItem(policy.Id, versions.Add((policy, Size))), _keys);
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
        next = new AgencyDirectory(Genesis, Fingerprint, Size + 1, _agencies.Add(enrol.Agency, agency), _policies, _keys.Union(KeysOf(enrol)));
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
}
