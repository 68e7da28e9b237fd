using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// Who calls: the agency bound to the client certificate of the connection. TLS has checked the chain in the handshake;
/// dates, binding and status are looked at for every request, so all end at once.
/// </summary>
internal sealed class Access(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, HubDb db, Agencies agencies)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Any agency that has joined, admitted or not.</summary>
    public const string Joined = "joined";

    /// <summary>An agency that is active in the directory and that the operator has not suspended.</summary>
    public const string Active = "active";

    private const string Status = "status";

    public static void Add(IServiceCollection services)
    {
        // The core only: AddAuthentication would bring data protection and its key files, and there is no cookie to protect.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = Joined;
            options.AddScheme<Access>(Joined, null);
        });
        services.AddWebEncoders();
        services.AddTransient<Access>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Joined, policy => policy.RequireAuthenticatedUser())
            .AddPolicy(Active, policy => policy.RequireAuthenticatedUser().RequireClaim(Status, Active));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.ClientCertificate is not { } certificate) return AuthenticateResult.NoResult();
        // The handshake saw the dates, but a connection can outlive them.
        if (db.Clock.GetUtcNow() > certificate.NotAfter) return AuthenticateResult.NoResult();

        var ct = Context.RequestAborted;
        var digest = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
        var bound = await db.Set<ClientCertificate>().AsNoTracking().Where(c => c.Sha256 == digest)
            .Select(c => new { c.Agency, c.Supersedes, Suspended = db.Set<Suspension>().Any(s => s.Agency == c.Agency) }).SingleOrDefaultAsync(ct);
        if (bound is null) return AuthenticateResult.NoResult();
        if (bound.Supersedes is not null) await RenewCertificate.Settle(db, digest, ct);

        var directory = await agencies.Now(db, ct);
        var identity = new ClaimsIdentity(Joined);
        identity.AddClaim(new Claim(Caller.Claim, bound.Agency.ToString()));
        if (!bound.Suspended && directory.Entries.IsActive(bound.Agency, directory.Head.Size)) identity.AddClaim(new Claim(Status, Active));
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Joined));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Refusal.NotJoined.ToProblem().ExecuteAsync(Context);

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var caller = await Caller.BindAsync(Context) ?? throw new InvalidOperationException("Only who is known is forbidden something.");
        await (await db.Refuse(caller.Agency, Refusal.NotActive, null, Context.RequestAborted)).ExecuteAsync(Context);
    }
}
