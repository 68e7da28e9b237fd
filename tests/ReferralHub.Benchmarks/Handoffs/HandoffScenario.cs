using ReferralHub.Benchmarks.Mail;
using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.Benchmarks.Handoffs;

/// <summary>
/// P2: whole handoffs, eight at once, from upload to the closed loop, each act signed, checked, durable and in the audit log, at a real hub
/// over TLS; beside a bare program that verifies the same statements and makes each durable, which nobody can do without, and beside a
/// mail per act by GnuPG and Postfix, which agencies use today.
/// </summary>
internal static class HandoffScenario
{
    private const int Repetitions = 5;
    private const int Batch = 100;

    public static IEnumerable<Figure> Run()
    {
        foreach (var figure in Embedded()) yield return figure;
        yield return Distributed();
    }

    private static IReadOnlyList<Figure> Embedded()
    {
        using var folder = new TemporaryFolder();
        var mail = Wait(MailRun.Make(folder.Path));
        try
        {
            var pair = Wait(DirectPair.Assemble(CancellationToken.None));
            try
            {
                var handoffs = new HandoffRun(pair);
                using var bare = new BareSqlite(folder.File("bare.db"), pair);
                var (seconds, ratios) = new Duel(Repetitions).Fight(() => Wait(handoffs.Run(Batch)), () => Wait(bare.Run(handoffs.Told(Batch))), () => Wait(mail.Run(Batch)));
                return
                [
                    new("handoffs, embedded; beside one verified statement and one commit to SQLite per act", Batch / seconds[0], Batch / seconds[1], "per s", ratios[1], ">= 0.5"),
                    new("handoffs, embedded; beside one mail per act, signed, encrypted, opened and verified by GnuPG, through Postfix", Batch / seconds[0], Batch / seconds[2], "per s", ratios[2], ">= 1"),
                ];
            }
            finally
            {
                Wait(pair.DisposeAsync().AsTask());
            }
        }
        finally
        {
            Wait(mail.DisposeAsync().AsTask());
        }
    }

    private static Figure Distributed()
    {
        var servers = new SharedServers();
        try
        {
            var (settings, engine) = Wait(servers.MakeEngine(CancellationToken.None));
            var pair = Wait(DirectPair.Assemble(CancellationToken.None, engine));
            try
            {
                var handoffs = new HandoffRun(pair);
                var bare = Wait(BareServers.Make(servers, settings, pair));
                try
                {
                    var (seconds, ratios) = new Duel(Repetitions).Fight(() => Wait(handoffs.Run(Batch)), () => Wait(bare.Run(handoffs.Told(Batch))));
                    return new(
                        "handoffs, PostgreSQL and RabbitMQ; beside one verified statement, one commit and one confirmed publish per act",
                        Batch / seconds[0], Batch / seconds[1], "per s", ratios[1], ">= 0.5");
                }
                finally
                {
                    Wait(bare.DisposeAsync().AsTask());
                }
            }
            finally
            {
                Wait(pair.DisposeAsync().AsTask());
            }
        }
        finally
        {
            Wait(servers.DisposeAsync().AsTask());
        }
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
