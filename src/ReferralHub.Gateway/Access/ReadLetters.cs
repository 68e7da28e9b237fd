using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Access;

/// <summary><c>read ID --by H</c>: the questions, answers and notes that the other side wrote to us; each is recorded as an access.</summary>
internal static class ReadLetters
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who reads.", Required = true };

    internal sealed record Request(Handle By);

    /// <summary>One text.</summary>
    /// <param name="Part"><c>question</c>, <c>answer</c> or <c>note</c>.</param>
    /// <param name="Text">The text.</param>
    /// <param name="At">Of an appointment: when it is; else null.</param>
    internal sealed record Letter(Part Part, string Text, DateTimeOffset? At)
    {
        /// <summary>Names the part only.</summary>
        public override string ToString() => Code.Text(Part);
    }

    /// <summary>What <c>read</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="Letters">What was written to us, oldest first.</param>
    /// <param name="Missing">How many more have not come yet.</param>
    internal sealed record Read(Guid Referral, IReadOnlyList<Letter> Letters, int Missing) : Output
    {
        public override int ExitCode() => Missing > 0 ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            foreach (var letter in Letters)
                to.WriteLine($"{Code.Text(letter.Part)}{(letter.At is { } at ? $" for {WireTime.Text(at)}" : "")}: {letter.Text}");
            if (Letters.Count == 0) to.WriteLine("Nothing was written to us yet.");
            if (Missing > 0) to.WriteLine($"{Missing} more have not come yet: referral-gateway sync");
        }

        /// <summary>Names the referral only.</summary>
        public override string ToString() => WireId.Text(Referral);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/read", Handle);

    public static Command Command() => Cli.Local("read", "Read what the other side wrote to us.", [Id, By], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<Read>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/read", request, ct);
    });

    internal static async Task<Read> Handle(Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, Looks looks, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        await Acts.FindAsync(db, id, ct);
        var ours = own.Id;
        var parts = await db.Parts.AsNoTracking()
            .Where(p => p.Referral == id && p.SealedTo == ours && (p.Part == Part.Question || p.Part == Part.Answer || p.Part == Part.Note))
            .ToListAsync(ct);
        var letters = new List<Letter>();
        foreach (var part in (await InOrderAsync(db, id, ct)).Select(sha256 => parts.SingleOrDefault(p => p.Sha256 == sha256)).OfType<KeptPart>().Where(p => p.Held))
        {
            await using var look = await looks.OpenAsync(db, id, part.Part, AccessAct.Opened, request.By, ct, part.Sha256);
            letters.Add(TextOf(look));
        }

        return new(id, letters, parts.Count(p => !p.Held));
    }

    /// <summary>The text of a part that was opened.</summary>
    public static Letter TextOf(Look look) =>
        SealedJson.TryRead<Note>(look.Envelope.Read(EnvelopeLayout.FormPath(look.Part.Part), SealedJson.MaxBytes), out var note)
            ? new(look.Part.Part, note.Text, note.At)
            : throw new InvalidDataException($"The {Code.Text(look.Part.Part)} of {look} was verified and does not read.");

    /// <summary>What both sides have sealed, in the order of the statements that brought it.</summary>
    public static async Task<IReadOnlyList<Digest>> InOrderAsync(GatewayDb db, Guid id, CancellationToken ct)
    {
        var statements = await db.Statements.AsNoTracking().Where(s => s.Referral == id).OrderBy(s => s.Order).ToListAsync(ct);
        return [.. statements.SelectMany(s => s.Read().Statement.Brings).Select(p => p.Sha256)];
    }
}
