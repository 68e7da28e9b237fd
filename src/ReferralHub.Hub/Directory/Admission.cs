using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Directory;

/// <summary>Why an entry does not enter the directory. The message says what to do.</summary>
internal sealed class AdmissionException(string message) : Exception(message);

/// <summary>The ways into the directory. Each is decided by the replay that every gateway will make (docs/protocol.md §4.3).</summary>
internal static class Admission
{
    /// <summary>Begins the directory, and both logs with it.</summary>
    /// <param name="db">The new hub's database.</param>
    /// <param name="keys">The new hub's keys.</param>
    /// <param name="proposed">The genesis payload that <c>init</c> wrote.</param>
    /// <param name="signed">It with the registrars' signatures.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>F, docs/protocol.md §4.2.</returns>
    public static async Task<Digest> Begin(HubDb db, HubKeys keys, ReadOnlyMemory<byte> proposed, CoSigned signed, CancellationToken ct)
    {
        if (!signed.Payload.Span.SequenceEqual(proposed.Span))
            throw new AdmissionException("The registrars signed another genesis: let them sign the genesis.json of this folder.");
        var entry = signed.ToArray();
        if (!AgencyDirectory.TryBegin(entry, null, out var directory, out var fault)) throw Fault(fault);

        await db.Write(async write =>
        {
            if (await db.Set<DirectoryEntry>().AnyAsync(write))
                throw new AdmissionException("The directory has its genesis already: there is nothing to complete.");
            await Audit.Sequencer.Open(db, keys, write);
            await DirectoryLog.Append(db, keys, entry, write);
        }, ct);
        return directory.Fingerprint;
    }

    /// <summary>Adds a jurisdiction policy.</summary>
    public static async Task AddPolicy(HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, CancellationToken ct)
    {
        if (signed.Typ != "policy+jws") throw new AdmissionException($"This is a {signed.Typ}, not a policy.");
        await db.Write(write => Append(db, keys, agencies, signed, write), ct);
    }

    /// <summary>Admits an agency that has joined: its certificate is bound to this enrolment and no other.</summary>
    public static Task Admit(HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, CancellationToken ct) =>
        db.Write(async write =>
        {
            var digest = signed.PayloadDigest;
            if (await db.Set<Enrolment>().SingleOrDefaultAsync(e => e.PayloadDigest == digest, write) is not { } enrolment)
                throw new AdmissionException("No agency that waits has joined with this enrolment: see 'agency pending'.");
            await Append(db, keys, agencies, signed, write);
            db.Remove(enrolment);
        }, ct);

    private static async Task Append(HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, CancellationToken ct)
    {
        var entry = signed.ToArray();
        if (!(await agencies.Now(db, ct)).Entries.TryAppend(entry, out _, out var fault)) throw Fault(fault);
        await DirectoryLog.Append(db, keys, entry, ct);
    }

    private static AdmissionException Fault(DirectoryFault fault) => new(fault switch
    {
        DirectoryFault.Malformed => "The file is not a co-signed entry in its exact form (docs/protocol.md §4.2).",
        DirectoryFault.WrongGenesis => "The genesis is another one.",
        DirectoryFault.SecondGenesis => "A directory has one genesis.",
        DirectoryFault.SignerMissing => "Signatures are missing: let more registrars sign.",
        DirectoryFault.SignerUnexpected => "Somebody signed who is neither a registrar nor the agency: begin again from the file that 'agency pending --out' wrote.",
        DirectoryFault.AgencyTaken => "The directory already has an agency of this name: names are never used again.",
        DirectoryFault.KeyTaken => "One of the keys is in the directory already: the agency must make new ones.",
        DirectoryFault.VersionBroken => "The policy's version must be one more than the last.",
    });
}
