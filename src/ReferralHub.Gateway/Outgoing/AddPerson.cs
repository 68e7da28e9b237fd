using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary><c>people add NAME</c>: gives a case worker the handle by which others will know them.</summary>
internal static class AddPerson
{
    // No vowels and nothing that reads like something else: a handle is a number with letters, never a word.
    private const string Letters = "bcdfghjkmnpqrstvwxz23456789";
    private const int Length = 8;

    private static readonly Argument<string> Name = new("NAME") { Description = "The person's name; it never leaves this gateway. - reads it from standard input." };

    private static readonly Option<bool> Lead = new("--lead") { Description = "This person is told what others must not know of." };

    private static readonly Option<bool> Auditor = new("--auditor") { Description = "This person sees who was refused what." };

    internal sealed record Request(string Name, bool Lead = false, bool Auditor = false);

    /// <summary>What <c>people add</c> prints.</summary>
    /// <param name="Handle">The new handle.</param>
    internal sealed record Added(Handle Handle) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine(Handle);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/people", Handle);

    public static Command Command() => Cli.Local("add", "Give a case worker a handle.", [Name, Lead, Auditor], async (parsed, local, ct) =>
        await local.PostAsync<Added>("people", new Request(await Cli.TextAsync(parsed.GetRequiredValue(Name), ct), parsed.GetValue(Lead), parsed.GetValue(Auditor)), ct));

    internal static async Task<Added> Handle(
        Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, TimeProvider clock, ILogger<Exclusions> log, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(request.Name)) throw new RefusedException(Refusal.Malformed, "NAME is empty.");
        var handle = Protocol.Wire.Handle.Parse(RandomNumberGenerator.GetString(Letters, Length));
        var person = new Person
        {
            Handle = handle,
            SealedName = SelfSealed.Seal(own.Keys, Encoding.UTF8.GetBytes(request.Name)),
            AddedAt = clock.GetUtcNow(),
            IsLead = request.Lead,
            IsAuditor = request.Auditor,
        };
        await db.Write(
            async () =>
            {
                db.People.Add(person);
                foreach (var referral in await db.Referrals.Where(r => r.SealedExclusions != null).ToListAsync(ct))
                    await exclusions.TellAsync(db, referral, new Dictionary<Handle, string> { [handle] = request.Name }, person.AddedAt, log, ct);
            },
            ct);
        return new(handle);
    }
}
