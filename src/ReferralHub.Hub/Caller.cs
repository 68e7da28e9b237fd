using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>
/// The agency that the presented client certificate is bound to. Only endpoints behind
/// <see cref="Identity.Access.Joined"/> or <see cref="Identity.Access.Active"/> have one.
/// </summary>
internal sealed record Caller(AgencyId Agency)
{
    public const string Claim = "agency";

    public static ValueTask<Caller?> BindAsync(HttpContext http) =>
        ValueTask.FromResult(http.User.FindFirst(Claim) is { Value: var agency } ? new Caller(AgencyId.Parse(agency)) : null);
}
