using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// Where two people are needed, each signs in with a secret of their own: a handle alone says only whom somebody claims to
/// be. Five wrong secrets in a row lock the handle for 15 minutes and raise an alarm.
/// </summary>
internal sealed class SignIn(OwnAgency own, TimeProvider clock, ILogger<SignIn> log)
{
    /// <summary>Throws unless the secret is this person's; clears it.</summary>
    /// <param name="db">Outside a transaction: also what fails is counted.</param>
    /// <param name="handle">Whom they claim to be.</param>
    /// <param name="secret">UTF-8.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RequireAsync(GatewayDb db, Handle handle, byte[] secret, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, handle, ct);
        // Counted before it is tried: whoever tries at once in many ways has no more tries.
        var kept = await db.Write(() => TakeTryAsync(db, handle, ct), ct);
        var right = kept is not null && PersonSecret.Matches(SelfSealed.Open(own.Keys, kept), secret);
        CryptographicOperations.ZeroMemory(secret);
        if (kept is null) throw new RefusedException(Refusal.NoSecret, $"{handle} has no secret yet: referral-gateway people secret {handle}");
        await db.Write(() => SettleAsync(db, handle, right, ct), ct);
        if (!right) throw new RefusedException(Refusal.WrongSecret, $"That is not the secret of {handle}.");
    }

    private async Task<byte[]?> TakeTryAsync(GatewayDb db, Handle handle, CancellationToken ct)
    {
        var person = await db.People.SingleAsync(p => p.Handle == handle, ct);
        if (person.LockedUntil is { } until)
        {
            if (clock.GetUtcNow() < until) throw new RefusedException(Refusal.TooManyTries, $"Too many wrong secrets for {handle}: try again after {WireTime.Text(until)}.");
            (person.LockedUntil, person.WrongSecrets) = (null, 0);
        }

        if (person.SealedSecret is not null) person.WrongSecrets++;
        return person.SealedSecret;
    }

    private async Task SettleAsync(GatewayDb db, Handle handle, bool right, CancellationToken ct)
    {
        var person = await db.People.SingleAsync(p => p.Handle == handle, ct);
        if (right)
        {
            person.WrongSecrets = 0;
        }
        else if (person.WrongSecrets >= Limits.WrongSecrets)
        {
            person.LockedUntil = WireTime.Whole(clock.GetUtcNow() + Limits.SecretLock);
            await Alarms.RaiseAsync(db, new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.SignInLocked, Detail = $"{handle} {WireTime.Text(person.LockedUntil.Value)}" }, log, ct);
        }
    }
}
