using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Referrals;

/// <summary>
/// Random statements of both parties, late, repeated, out of order and out of turn, against a model that knows only the
/// literal table of <see cref="HandoffTable"/>. The seed makes a failing walk the same again.
/// </summary>
public sealed class RandomWalkTests
{
    private const int Walks = 6, Steps = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task A_random_walk_ends_where_the_model_ends_and_its_evidence_holds(int seed)
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var random = new Draw(seed);
        for (var walk = 0; walk < Walks; walk++)
        {
            var handoff = await field.Handoff(consent: consent);
            var position = Handoff.Start;
            var seen = new List<Digest> { handoff.After };
            var said = new List<SignedStatement>();
            var effective = new HashSet<Digest>();
            for (var step = 0; step < Steps; step++)
            {
                field.Clock.Now += TimeSpan.FromSeconds(1);
                var signed = said.Count > 0 && random.Next(6) == 0
                    ? said[random.Next(said.Count)]
                    : await NewStatement(field, handoff, random, position, seen);
                said.Add(signed);
                var answer = await field.Post(signed);

                // What took effect before is answered as then; what did not is decided anew, by where things stand now.
                var act = signed.Statement.Does!.Value;
                var sets = !HandoffTable.Events.Contains(act);
                var late = sets && signed.Statement.Follows != seen[^1];
                if (effective.Contains(signed.Id))
                {
                    Assert.Equal(200, Assert.IsType<ContentHttpResult>(answer).StatusCode);
                }
                else if (!late && HandoffTable.Cells[(position, act)] is { } to)
                {
                    Assert.Equal(201, Assert.IsType<ContentHttpResult>(answer).StatusCode);
                    position = to;
                    effective.Add(signed.Id);
                    if (sets) seen.Add(signed.Id);
                }
                else
                {
                    Refused(answer, late ? Refusal.Stale : Refusal.OutOfTurn, position, seen[^1]);
                }
            }

            var report = await field.Report(await field.Bundle(handoff, field.Police));
            Assert.Equal((null, position.State, position.Withdrawing), (report.Finding, report.Story?.State, report.Story?.Withdrawing));
        }
    }

    private static async Task<SignedStatement> NewStatement(
        TestField field, TestHandoff handoff, Draw random, HandoffPosition position, List<Digest> seen)
    {
        var act = PickAct(random, position);
        await handoff.Upload(act);
        var statement = handoff.Act(act) with { After = random.Next(5) == 0 ? seen[random.Next(seen.Count)] : seen[^1] };
        return (HandoffTable.Actors[act] is Party.Sender ? field.Police : field.Shelter).Sign(await field.Heads(statement));
    }

    // Mostly something that leads on, so that walks get far; else anything.
    private static HandoffAct PickAct(Draw random, HandoffPosition position)
    {
        HandoffAct[] all = [.. HandoffTable.Actors.Keys.Where(act => HandoffTable.Actors[act] is not Party.Hub)];
        HandoffAct[] leading = [.. all.Where(act => HandoffTable.Cells[(position, act)] is { } to && HandoffTable.Cells.Any(next => next.Key.From == to && next.Value is not null))];
        var from = leading.Length > 0 && random.Next(3) > 0 ? leading : all;
        return from[random.Next(from.Length)];
    }

    private static void Refused(Microsoft.AspNetCore.Http.IResult answer, Refusal why, HandoffPosition position, Digest current)
    {
        var problem = Assert.IsType<ProblemHttpResult>(answer);
        Assert.Equal((409, why.Urned()), (problem.StatusCode, problem.ProblemDetails.Type));
        Assert.Equal((Code.Text(position.State), current.ToString()), (problem.ProblemDetails.Extensions["state"], problem.ProblemDetails.Extensions["after"]));
    }

    // The bytes of SHA-256 over a counter: the same for the same seed, on every machine and runtime.
    private sealed class Draw(int seed)
    {
        private int _drawn;

        public int Next(int below) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(Encoding.ASCII.GetBytes($"{seed} {_drawn++}")).AsSpan()) % below);
    }
}
