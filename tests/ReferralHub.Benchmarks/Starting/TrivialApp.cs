using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Benchmarks.Starting;

/// <summary>The least that a web application with a database is: one table, one address. A mode of this program.</summary>
internal static class TrivialApp
{
    public const string Mode = "trivial";

    public static ProcessStartInfo StartInfo(string database, out Uri url)
    {
        var port = Loopback.FreePort();
        url = new Uri($"http://127.0.0.1:{port}/");
        var start = new ProcessStartInfo("dotnet", ["exec", Environment.GetCommandLineArgs()[0], Mode, port.ToString(CultureInfo.InvariantCulture), database]);
        // As every application starts, and ours too; this program compiles everything at once.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }

    public static async Task<int> Run(string port, string database)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddDbContext<Db>(options => options.UseSqlite($"Data Source={database}"));
        await using var app = builder.Build();
        using (var scope = app.Services.CreateScope()) await scope.ServiceProvider.GetRequiredService<Db>().Database.EnsureCreatedAsync();
        app.MapGet("/", (Db db) => db.Things.CountAsync());
        await app.RunAsync();
        return 0;
    }

    private sealed class Thing
    {
        public long Id { get; init; }

        public required string Name { get; init; }
    }

    private sealed class Db(DbContextOptions<Db> options) : DbContext(options)
    {
        public DbSet<Thing> Things => Set<Thing>();
    }
}
