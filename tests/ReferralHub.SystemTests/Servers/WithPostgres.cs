using System.Diagnostics;
using ReferralHub.Hub;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.SystemTests.Servers;

/// <summary>
/// A mode of this program: runs another test program while a PostgreSQL is there, which it finds by its environment, and exits as
/// that does. So the tests of the database run on both without knowing of servers.
/// </summary>
internal static class WithPostgres
{
    public const string Mode = "--with-postgres";

    /// <param name="arguments">What to run, as after <c>dotnet exec</c>.</param>
    public static async Task<int> Run(IEnumerable<string> arguments)
    {
        using var folder = new TemporaryFolder();
        await using var postgres = new PostgresServer(folder.Path);
        await postgres.Make(CancellationToken.None);
        var settings = new EngineSettings(
            new("127.0.0.1", (ushort)postgres.Port, "postgres", PostgresServer.User) { PasswordFile = postgres.PasswordFile },
            new("127.0.0.1", 1, "/", "nobody")); // these tests reach no broker
        var engine = folder.File("engine.json");
        await File.WriteAllBytesAsync(engine, StrictJson.Write(settings));

        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", .. arguments]);
        start.Environment["TEST_ENGINE"] = engine;
        using var tests = Process.Start(start)!;
        await tests.WaitForExitAsync();
        return tests.ExitCode;
    }
}
