using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Identity;

/// <summary>A client certificate that the hub gave to an agency.</summary>
internal sealed class ClientCertificate
{
    /// <summary>SHA-256 of the certificate (DER): what a presented one is looked up by.</summary>
    public required Digest Sha256 { get; init; }

    public required AgencyId Agency { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<ClientCertificate>
    {
        public void Configure(EntityTypeBuilder<ClientCertificate> builder)
        {
            builder.ToTable("client_certificates").HasKey(c => c.Sha256);
            builder.HasIndex(c => c.Agency);
        }
    }
}

/// <summary>
/// Who calls: the agency bound to the client certificate of the connection. TLS has checked chain and dates
/// in the handshake; binding and status are read at every request, so both end at once.
/// </summary>
internal sealed class Access(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, HubDb db, Agencies agencies)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Any agency that has joined, admitted or not.</summary>
    public const string Joined = "joined";

    /// <summary>An agency that the directory has.</summary>
    public const string Active = "active";

    private const string Status = "status";

    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication(Joined).AddScheme<AuthenticationSchemeOptions, Access>(Joined, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(Joined, policy => policy.RequireAuthenticatedUser())
            .AddPolicy(Active, policy => policy.RequireAuthenticatedUser().RequireClaim(Status, Active));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.ClientCertificate is not { } certificate) return AuthenticateResult.NoResult();

        var ct = Context.RequestAborted;
        var digest = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
        if (await db.Set<ClientCertificate>().AsNoTracking().SingleOrDefaultAsync(c => c.Sha256 == digest, ct) is not { } bound)
            return AuthenticateResult.NoResult();

        var directory = await agencies.Now(db, ct);
        var identity = new ClaimsIdentity(Joined);
        identity.AddClaim(new Claim(Caller.Claim, bound.Agency.ToString()));
        if (directory.Entries.IsActive(bound.Agency, directory.Head.Size)) identity.AddClaim(new Claim(Status, Active));
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Joined));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Refusal.NotJoined.ToProblem().ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refusal.NotActive.ToProblem().ExecuteAsync(Context);
}
