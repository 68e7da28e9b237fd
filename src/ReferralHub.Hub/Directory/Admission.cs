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

    /// <summary>
    /// Adds an event of an agency that belongs, in the write that is under way. One that is there already is good. A closing
    /// comes in by <c>Referrals.EnterEvent</c> alone, which hands back what is open.
    /// </summary>
    /// <returns>Why it does not enter, or null; and the directory after it.</returns>
    public static async Task<(Refusal? Refusal, DirectoryNow Directory)> Change(HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, AgencyChange change, CancellationToken ct)
    {
        var now = await agencies.Now(db, ct);
        var directory = now.Entries;
        var digest = signed.PayloadDigest;
        if (directory.Find(change.Agency)?.Steps.Any(step => step.PayloadDigest == digest) ?? false) return (null, now);
        if (change.IssuedAt > db.Clock.GetUtcNow().AddSeconds(Limits.SecondsAhead)) return (Refusal.IssuedAhead, now);

        var entry = signed.ToArray();
        if (!directory.TryAppend(entry, out var next, out var fault)) return (RefusalOf(fault), now);
        // A second event under one number would stand in everybody's way for good; only a hub that lies appends it.
        if (next.Conflicts.Count > directory.Conflicts.Count) return (Refusal.EventStale, now);
        return (null, new(next, await DirectoryLog.Append(db, keys, entry, ct)));
    }

    private static Refusal RefusalOf(DirectoryFault fault) => fault switch
    {
        DirectoryFault.SignerMissing or DirectoryFault.SignerUnexpected => Refusal.EventSigners,
        DirectoryFault.KeyTaken => Refusal.KeyTaken,
        DirectoryFault.SeqBroken => Refusal.EventStale,
        DirectoryFault.KeyUnknown or DirectoryFault.StatusForbids or DirectoryFault.AgencyUnknown => Refusal.EventForbidden,
        _ => Refusal.Malformed,
    };

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
        DirectoryFault.AgencyUnknown or DirectoryFault.SeqBroken or DirectoryFault.KeyUnknown or DirectoryFault.StatusForbids =>
            "The event does not fit what the directory has of this agency: see 'agency list', and begin again from 'agency draft'.",
    });
}
