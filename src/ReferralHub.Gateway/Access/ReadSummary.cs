using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Access;

/// <summary><c>summary ID --by H</c>: what one needs to decide, and how consent was given; recorded as an access.</summary>
internal static class ReadSummary
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who looks.", Required = true };

    internal sealed record Request(Handle By, BrokenGlass? Glass = null);

    /// <summary>What <c>summary</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="From">The sender.</param>
    /// <param name="Summary">The summary.</param>
    /// <param name="Consent">The sealed half of the consent; null when it goes without one.</param>
    /// <param name="Basis">Why it goes without consent; null when it does not.</param>
    internal sealed record Read(Guid Referral, AgencyId From, Summary Summary, ConsentDetail? Consent, BasisDetail? Basis) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"{WireId.Text(Referral)} from {From}");
            Printing.Lines(to, Summary);
            to.WriteLine(Consent is null ? "without consent" : "consent");
            if (Consent is not null) Printing.Lines(to, Consent);
            if (Basis is not null) Printing.Lines(to, Basis);
        }

        /// <summary>Names the referral only.</summary>
        public override string ToString() => WireId.Text(Referral);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/summary", Handle);

    public static Command Command() => Cli.Local("summary", "Read what one needs to decide.", [Id, By, Glass.Option, Passphrase.SecretOption], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), Glass.Read(parsed));
        return await local.PostAsync<Read>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/summary", request, ct);
    });

    internal static async Task<Read> Handle(Guid id, Request request, GatewayDb db, Looks looks, CancellationToken ct)
    {
        await using var look = await looks.OpenAsync(db, id, Part.Summary, AccessAct.Opened, request.By, ct, glass: request.Glass);
        var summary = Envelopes.ReadSummary(look.Envelope);
        if (look.Referral.Basis is not Protocol.Wire.Basis.Consent) return new(id, look.Referral.Sender, summary, null, Envelopes.ReadBasis(look.Envelope));
        return SealedJson.TryRead<ConsentDetail>(look.Envelope.Read(EnvelopeLayout.ConsentPath, SealedJson.MaxBytes), out var consent)
            ? new(id, look.Referral.Sender, summary, consent, null)
            : throw new InvalidDataException($"The summary of {id} was verified and does not read.");
    }
}
