using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary><c>people contact HANDLE [--mail A] [--telephone N]</c>: how a person is told while on duty or as a lead. Without either they are not told by themselves any more.</summary>
internal static class SetContact
{
    private static readonly Argument<string> Person = new("HANDLE") { Description = "Who." };
    private static readonly Option<string?> Mail = new("--mail") { Description = "An address that nobody else reads; - reads it from standard input." };
    private static readonly Option<string?> Number = new("--telephone") { Description = "A number for the command of alerts.json, as +15550100; - reads it from standard input." };

    internal sealed record Request(string? Mail, Telephone? Telephone)
    {
        /// <summary>Says nothing of the person.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>people contact</c> prints.</summary>
    /// <param name="Handle">Who.</param>
    /// <param name="Told">Whether this person is told by themselves from now on.</param>
    internal sealed record Done(Handle Handle, bool Told) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine(Told ? $"{Handle} is told while on duty, and as a lead" : $"{Handle} is told no more");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/people/{handle}/contact", (string handle, Request request, GatewayDb db, OwnAgency own, CancellationToken ct) =>
        Handle(Cli.Name<Handle>("HANDLE", handle), request, db, own, ct));

    public static Command Command() => Cli.Local("contact", "Say how a person is told of what waits.", [Person, Mail, Number], async (parsed, local, ct) =>
    {
        var (mail, number) = (parsed.GetValue(Mail), parsed.GetValue(Number));
        if ((mail, number) is ("-", "-")) throw Cli.Malformed("--mail - and --telephone -: standard input holds one of them.");
        if (mail is not null) mail = await Cli.TextAsync(mail, ct);
        if (number is not null) number = await Cli.TextAsync(number, ct);
        Telephone? telephone = null;
        if (number is not null && !Telephone.TryParse(number, out telephone)) throw Cli.Malformed("--telephone: must be + and 7 to 15 digits."); // it is somebody's, so it is not repeated
        var request = new Request(mail, telephone);
        return await local.PostAsync<Done>($"people/{Cli.Name<Handle>("HANDLE", parsed.GetRequiredValue(Person))}/contact", request, ct);
    });

    internal static async Task<Done> Handle(Handle handle, Request request, GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        if (request.Mail is { } mail && (!MailboxAddress.TryParse(mail, out var box) || box.Domain.Length == 0))
            throw new RefusedException(Refusal.Malformed, "--mail: not a mail address.");
        await Outbox.RequirePersonAsync(db, handle, ct);
        var kept = new Contact(request.Mail, request.Telephone).Seal(own);
        await db.Write(async () => (await db.People.SingleAsync(p => p.Handle == handle, ct)).SealedContact = kept, ct);
        return new(handle, kept is not null);
    }
}
