using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// What we send is first sealed to ourselves, and from that copy to the recipient; so it can be sealed anew, to another key,
/// until the recipient has accepted or the handoff is over. Then the copy is erased. Spec: docs/protocol.md §2.9.
/// </summary>
internal sealed class Copies(OwnAgency own, PartFiles files)
{
    /// <summary>Seals a part to ourselves and to its recipient; both files are durable when this returns.</summary>
    /// <param name="recipient">The recipient's key.</param>
    /// <param name="facts">What the inner statement says; the same in both.</param>
    /// <param name="members">The content, read once.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<(SealedPart Sealed, SealedPart Copy)> SealAsync(
        EncryptionKey recipient, EnvelopeFacts facts, IReadOnlyList<EnvelopeMember> members, CancellationToken ct)
    {
        var copy = await files.SealAsync(own.Keys.EncryptionKey, own.Keys.Signing, facts, members, ct);
        return (await SealAnewAsync(copy, recipient, facts, ct), copy);
    }

    /// <summary>Keeps the copies with the referral that they belong to.</summary>
    public static void Keep(GatewayDb db, Guid referral, params ReadOnlySpan<SealedPart> copies)
    {
        foreach (var copy in copies) db.Copies.Add(new KeptCopy { Sha256 = copy.Sha256, Referral = referral, Part = copy.Part, Size = copy.Size });
    }

    /// <summary>Erases the copies that nobody can need any more: rows first, so that a crash leaves files that the next start sweeps.</summary>
    public async Task EraseAsync(GatewayDb db, CancellationToken ct)
    {
        var kept = await db.Copies.Join(db.Referrals, c => c.Referral, r => r.Id, (c, r) => new { Copy = c, r.State, r.Statement })
            .Where(k => !db.Outbox.Any(o => o.Stream == k.Copy.Referral)).ToListAsync(ct);
        var refused = await db.Statements.Where(s => s.Fate == Fate.Refused && s.Kind == StatementKind.Referral).Select(s => s.Id).ToHashSetAsync(ct);
        var over = kept.Where(k => !IsNeeded(k.State) || refused.Contains(k.Statement)).Select(k => k.Copy).ToList();
        if (over.Count == 0) return;

        await db.Write(
            () =>
            {
                db.Copies.RemoveRange(over);
                return Task.CompletedTask;
            },
            ct);
        foreach (var copy in over) files.Delete(copy.Sha256);
    }

    private async Task<SealedPart> SealAnewAsync(SealedPart copy, EncryptionKey recipient, EnvelopeFacts facts, CancellationToken ct)
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
        if (!Envelope.TryOpen(file, own.Keys.Identities, expected, out var opened, out var fault))
            throw new InvalidDataException($"Our copy of the {Code.Text(copy.Part)} of {WireId.Text(facts.Referral)} does not open: {Code.Text(fault.Value)}.");
        using (opened)
        {
            EnvelopeMember[] members = [.. opened.Members.Select(m => new EnvelopeMember(m.Path, m.Size, () => opened.Open(m.Path)))];
            return await files.SealAsync(recipient, own.Keys.Signing, facts, members, ct);
        }
    }

    private static bool IsNeeded(HandoffState state) =>
        state is HandoffState.Sent or HandoffState.Delivered or HandoffState.Acknowledged or HandoffState.InformationRequested;
}
