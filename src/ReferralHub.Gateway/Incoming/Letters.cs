using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>What case workers write to each other: questions, answers, notes, each sealed to the other side. Spec: docs/protocol.md §2.6.</summary>
internal sealed class Letters(Acts acts, OwnAgency own, FollowDirectory directory, PartFiles files, TimeProvider clock)
{
    /// <summary>Seals a text and does the act that brings it; both or neither.</summary>
    /// <param name="db">The database.</param>
    /// <param name="id">The referral.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="act">The act.</param>
    /// <param name="part">What the text is.</param>
    /// <param name="note">The text.</param>
    /// <param name="say">The statement, given the common members and the sealed text.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Acted> SendAsync(
        GatewayDb db, Guid id, Handle by, HandoffAct act, Part part, Note note, Func<Preamble, KeptReferral, SealedPart, Statement> say, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(note.Text)) throw new RefusedException(Refusal.Malformed, "The text is empty.");
        await directory.RequireFreshAsync(db, ct);
        var known = await acts.RequireAsync(db, id, by, act, ct);
        var written = await SealAsync(known, part, note, ct);
        return await acts.DoAsync(
            db, id, by, act,
            (preamble, referral) =>
            {
                db.Parts.Add(new KeptPart { Sha256 = written.Sha256, Referral = id, Part = part, Size = written.Size, SealedTo = referral.Other, Held = true });
                return say(preamble, referral, written);
            },
            ct);
    }

    private async Task<SealedPart> SealAsync(KeptReferral referral, Part part, Note note, CancellationToken ct)
    {
        var facts = new EnvelopeFacts
        {
            Sender = own.Id,
            Recipient = referral.Other,
            Referral = referral.Id,
            Part = part,
            Categories = [],
            SealedAt = clock.GetUtcNow(),
        };
        var text = EnvelopeMember.Of(EnvelopeLayout.FormPath(part), SealedJson.Write(note));
        return await files.SealAsync(directory.EncryptionKeyOf(referral.Other), own.Keys.Signing, facts, [text], ct);
    }
}
