using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// What we send is first sealed to ourselves, and from that copy to the recipient; so it can be sealed anew, to another key
/// or another agency, until the recipient has accepted or nobody can want it any more. Then the copy is erased.
/// Spec: docs/protocol.md §2.9.
/// </summary>
internal sealed class Copies(OwnAgency own, FileKeys keys, PartFiles files, FollowDirectory directory, TimeProvider clock)
{
    /// <summary>Seals a part to ourselves and to its recipient; both files are durable when this returns.</summary>
    /// <param name="recipient">The recipient's key.</param>
    /// <param name="facts">What the inner statement says; the same in both.</param>
    /// <param name="members">The content, read once.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<(SealedPart Sealed, SealedPart Copy)> SealAsync(
        EncryptionKey recipient, EnvelopeFacts facts, IReadOnlyList<EnvelopeMember> members, CancellationToken ct)
    {
        var copy = await SealToOurselvesAsync(facts, members, ct);
        return (await SealAnewAsync(copy, recipient, facts, ct), copy);
    }

    /// <summary>Seals a part to ourselves only: it waits.</summary>
    public Task<SealedPart> SealToOurselvesAsync(EnvelopeFacts facts, IReadOnlyList<EnvelopeMember> members, CancellationToken ct) =>
        files.SealAsync(own.Keys.Storage.PublicKey, own.Keys.Signing, facts, members, ct);

    /// <summary>Keeps the copies with the referral that they belong to.</summary>
    public static void Keep(GatewayDb db, Guid referral, params ReadOnlySpan<SealedPart> copies)
    {
        foreach (var copy in copies) db.Copies.Add(new KeptCopy { Sha256 = copy.Sha256, Referral = referral, Part = copy.Part, Size = copy.Size });
    }

    /// <summary>Erases the copies that nobody can need any more: rows first, so that a crash leaves files that the next start sweeps.</summary>
    public async Task EraseAsync(GatewayDb db, CancellationToken ct)
    {
        var kept = await db.Copies.Join(db.Referrals, c => c.Referral, r => r.Id, (c, r) => new { Copy = c, Referral = r })
            .Where(k => !db.Outbox.Any(o => o.Stream == k.Copy.Referral)).ToListAsync(ct);
        var over = new List<KeptCopy>();
        foreach (var group in kept.GroupBy(k => k.Referral.Id))
        {
            if (!await IsNeededAsync(db, group.First().Referral, ct)) over.AddRange(group.Select(k => k.Copy));
        }

        if (over.Count == 0) return;

        await db.Write(
            async () =>
            {
                db.Copies.RemoveRange(over);
                await FileKeys.ForgetAsync(db, [.. over.Select(copy => copy.Sha256)], ct);
            },
            ct);
        foreach (var copy in over) files.Delete(copy.Sha256);
    }

    /// <summary>Opens our copy of a part of a referral that we sent; the caller disposes both.</summary>
    public async Task<(FileStream File, OpenedEnvelope Opened)> OpenAsync(GatewayDb db, KeptReferral referral, KeptCopy copy, CancellationToken ct)
    {
        // It was signed in the same breath as the referral: with the key of then, whatever was rotated since.
        var outer = (await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read();
        var key = directory.Current.FindAnyKey(own.Id, outer.Jws.Kid)
            ?? throw new InvalidDataException($"The directory no longer has the key of {outer.Id}.");
        var file = files.Open(copy.Sha256);
        try
        {
            return (file, Open(file, EnvelopeExpectation.Of((Referral)outer.Statement, copy.Part, key) with { File = new(copy.Part, copy.Sha256, copy.Size) }));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads what waits; the caller disposes both.</summary>
    public (FileStream File, OpenedEnvelope Opened) OpenDraft(SealedPart copy, Referral facts)
    {
        var file = files.Open(copy.Sha256);
        try
        {
            return (file, Open(file, EnvelopeExpectation.Of(facts with { Parts = [copy] }, copy.Part, own.Keys.Signing.VerifyingKey)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Seals our own copy to its recipient.</summary>
    public async Task<SealedPart> SealAnewAsync(SealedPart copy, EncryptionKey recipient, EnvelopeFacts facts, CancellationToken ct)
    {
        await using var file = files.Open(copy.Sha256);
        var expected = new EnvelopeExpectation
        {
            File = copy,
            Sender = own.Id,
            SenderKey = own.Keys.Signing.VerifyingKey,
            Recipient = facts.Recipient,
            Referral = facts.Referral,
            Categories = facts.Categories.Clear(),
        };
        using var opened = Open(file, expected);
        EnvelopeMember[] members = [.. opened.Members.Select(m => new EnvelopeMember(m.Path, m.Size, () => opened.Open(m.Path)))];
        return await files.SealAsync(recipient, own.Keys.Signing, facts, members, ct);
    }

    private OpenedEnvelope Open(Stream file, EnvelopeExpectation expected) =>
        keys.With(expected.File.Sha256, identities => Envelope.TryOpen(file, identities, expected, out var opened, out var fault)
            ? opened
            : throw new InvalidDataException($"Our copy of the {Code.Text(expected.File.Part)} of {WireId.Text(expected.Referral)} does not open: {Code.Text(fault.Value)}."));

    private async Task<bool> IsNeededAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        if (referral.SenderHolds) return true;
        var statement = await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct);
        if (statement.Fate == Fate.Refused) return false;
        return referral.State switch
        {
            HandoffState.Sent or HandoffState.Delivered or HandoffState.Acknowledged or HandoffState.InformationRequested => true,
            HandoffState.Undeliverable or HandoffState.Declined or HandoffState.HandedBack =>
                clock.GetUtcNow() < ((Referral)statement.Read().Statement).Expires && !await IsReplacedAsync(db, referral.Id, ct),
            _ => false,
        };
    }

    private static Task<bool> IsReplacedAsync(GatewayDb db, Guid referral, CancellationToken ct) =>
        db.Referrals.Where(r => r.Replaces == referral).Join(db.Statements, r => r.Statement, s => s.Id, (_, s) => s.Fate).AnyAsync(f => f == Fate.Effective, ct);
}
