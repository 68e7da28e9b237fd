using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>people secret HANDLE</c>: a person's own secret, with which they sign in where two people are needed. The first one they
/// choose when they are added; a later one takes the one before.
/// </summary>
internal static class SetSecret
{
    private static readonly Argument<string> Person = new("HANDLE") { Description = "Whose secret." };
    private static readonly Option<string?> New = new("--new-secret-file") { Description = "File with the new secret; asked for otherwise." };

    internal sealed record Request(byte[] NewSecret, byte[]? Secret)
    {
        /// <summary>Says nothing of the secrets.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>people secret</c> prints.</summary>
    /// <param name="Handle">Whose secret it is.</param>
    internal sealed record Done(Handle Handle) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"{Handle} signs in with this secret from now on");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/people/{handle}/secret", (string handle, Request request, GatewayDb db, OwnAgency own, SignIn signIn, CancellationToken ct) =>
        Handle(Cli.Name<Handle>("HANDLE", handle), request, db, own, signIn, ct));

    public static Command Command() => Cli.Local("secret", "Set a person's own secret.", [Person, Passphrase.SecretOption, New], async (parsed, local, ct) =>
    {
        var handle = Cli.Name<Handle>("HANDLE", parsed.GetRequiredValue(Person));
        using var old = parsed.GetValue(Passphrase.SecretOption) is null ? null : Passphrase.ReadSecret(parsed);
        using var fresh = Passphrase.ReadNew(parsed.GetValue(New), New.Name);
        return await local.PostAsync<Done>($"people/{handle}/secret", new Request(fresh.Utf8.ToArray(), old?.Utf8.ToArray()), ct);
    });

    internal static async Task<Done> Handle(Handle handle, Request request, GatewayDb db, OwnAgency own, SignIn signIn, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, handle, ct);
        if (await db.People.AnyAsync(p => p.Handle == handle && p.SealedSecret != null, ct))
            await signIn.RequireAsync(db, handle, request.Secret ?? throw new RefusedException(Refusal.WrongSecret, $"{handle} has a secret: name the file with it, --secret-file."), ct);

        var kept = SelfSealed.Seal(own.Keys, PersonSecret.Make(request.NewSecret));
        CryptographicOperations.ZeroMemory(request.NewSecret);
        await db.Write(async () => (await db.People.SingleAsync(p => p.Handle == handle, ct)).SealedSecret = kept, ct);
        return new(handle);
    }
}
