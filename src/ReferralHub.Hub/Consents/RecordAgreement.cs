using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Consents;

/// <summary>
/// <c>POST /v1/agreements</c>: one side proposes, the other accepts by repeating every term. Without an agreement there is no
/// route between two agencies. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class RecordAgreement
{
    public static void Map(RouteGroupBuilder agreements) =>
        agreements.MapStatement("", Handle, "agreement", "Propose an agreement, or accept one");

    internal static Task<Results<ContentHttpResult, ProblemHttpResult>> Handle(
        Submission submission, Caller caller, Intake intake, HubDb db, CancellationToken ct) =>
        intake.Take<Agreement>(submission, caller, null, (submitted, token) => Rule(db, submitted, token), ct);

    /// <summary>Rules on a proposal or an acceptance, and keeps it.</summary>
    internal static async Task<Ruling> Rule(HubDb db, Submitted<Agreement> submitted, CancellationToken ct)
    {
        var (id, agreement) = (submitted.Id, submitted.Statement);
        var record = await db.Set<AgreementRecord>().SingleOrDefaultAsync(a => a.Id == agreement.AgreementId, ct);
        var proposal = record is null ? null : await FindProposal(db, record.Proposal, ct);
        if (Check(agreement, record, proposal) is { } refusal) return new Refused(refusal);

        if (record is null)
        {
            db.Add(AgreementRecord.From(agreement, id));
        }
        else
        {
            record.Acceptance = id;
            record.Rank = 1 + (await db.Set<AgreementRecord>().MaxAsync(a => a.Rank, ct) ?? 0);
        }

        return new Effective(agreement.To);
    }

    /// <summary>Why the hub refuses the statement, or null. Pure.</summary>
    /// <param name="agreement">A proposal or an acceptance.</param>
    /// <param name="record">What the hub knows under its id.</param>
    /// <param name="proposal">What was proposed under its id.</param>
    internal static Refusal? Check(Agreement agreement, AgreementRecord? record, Agreement? proposal)
    {
        if (record is null || proposal is null) return agreement.Accepts is null ? null : Refusal.NothingToAccept;

        // To somebody who is no party of it, an id in use is all that it is.
        if (agreement.Accepts is null || agreement.Issuer != record.Other) return Refusal.IdTaken;
        if (record.Acceptance is not null) return Refusal.AcceptedBefore;
        return agreement.IsAcceptanceOf(proposal, record.Proposal) ? null : Refusal.TermsDiffer;
    }

    private static async Task<Agreement> FindProposal(HubDb db, Digest id, CancellationToken ct)
    {
        var token = await db.Set<StoredStatement>().Where(s => s.Id == id).Select(s => s.Token).SingleAsync(ct);
        return StoredStatement.Read<Agreement>(token);
    }
}
