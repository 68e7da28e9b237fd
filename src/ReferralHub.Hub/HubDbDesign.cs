using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ReferralHub.Hub;

/// <summary>How <c>dotnet ef</c> gets a model to write migrations from. The program itself never uses it.</summary>
internal sealed class HubDbDesign : IDesignTimeDbContextFactory<HubDb>
{
    public HubDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<HubDb>();
        Sqlite.Use(options, "design.db");
        return new HubDb(options.Options, new Writer(), new Wakes(), TimeProvider.System);
    }
}
