using Microsoft.EntityFrameworkCore.Design;

namespace ReferralHub.Gateway;

/// <summary>Lets <c>dotnet ef migrations add</c> see the model without starting the gateway.</summary>
internal sealed class GatewayDbDesign : IDesignTimeDbContextFactory<GatewayDb>
{
    public GatewayDb CreateDbContext(string[] args) => new(GatewayDb.At("design.db"));
}
