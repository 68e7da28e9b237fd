using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>What a person is told after an act: that the hub has it, that it waits, or that the hub refused.</summary>
internal static class Fates
{
    /// <summary>Tries to hand a statement in at once.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="dispatch">What sends.</param>
    /// <param name="statement">The statement, committed with its outbox item.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="ct">Gives up waiting; the statement stays queued.</param>
    /// <exception cref="RefusedException">The hub refused it for good.</exception>
    public static async Task<Fate> SettleAsync(GatewayDb db, Dispatch dispatch, Digest statement, Guid stream, CancellationToken ct)
    {
        await dispatch.RunAsync(stream, ct);
        var kept = await db.Statements.AsNoTracking().SingleAsync(s => s.Id == statement, ct);
        if (kept.Fate != Fate.Refused) return kept.Fate;

        var problem = ProblemOf(kept);
        throw new RefusedException(Refusal.HubRefused, $"The hub refused: {problem}.", ReasonsOf(kept));
    }

    /// <summary>The same as codes, with where the referral stood, which is what a statement that came too late runs into.</summary>
    public static IReadOnlyList<string> ReasonsOf(KeptStatement kept)
    {
        var problem = ProblemOf(kept);
        return [problem.Name, .. problem.Reasons, .. problem.State is { } state ? [state] : Array.Empty<string>()];
    }

    /// <summary>Why the hub refused a statement.</summary>
    public static HubProblem ProblemOf(KeptStatement kept) =>
        JsonSerializer.Deserialize<HubProblem>(kept.Problem ?? "", LocalJson.Options)
        ?? throw new InvalidDataException($"The database holds no reason for the refusal of {kept.Id}.");
}
