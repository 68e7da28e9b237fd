using ReferralHub.Benchmarks.Mail;
using ReferralHub.Protocol.Statements;
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

    private const string Mail = "beside one mail per act, signed, encrypted, opened and verified by GnuPG, through Postfix";

    public static IEnumerable<Figure> Run()
    {
        using var folder = new TemporaryFolder();
        var mail = Wait(MailRun.Make(folder.Path));
        try
        {
            return [.. Embedded(folder, mail), .. Distributed(mail)];
        }
        finally
        {
            Wait(mail.DisposeAsync().AsTask());
        }
    }

    private static IReadOnlyList<Figure> Embedded(TemporaryFolder folder, MailRun mail)
    {
        var pair = Wait(DirectPair.Assemble(CancellationToken.None));
        try
        {
            using var bare = new BareSqlite(folder.File("bare.db"), pair);
            return Fight("handoffs, embedded", pair, "beside one verified statement and one commit to SQLite per act", told => Wait(bare.Run(told)), mail);
        }
        finally
        {
            Wait(pair.DisposeAsync().AsTask());
        }
    }

    private static IReadOnlyList<Figure> Distributed(MailRun mail)
    {
        var servers = new SharedServers();
        try
        {
            var (settings, engine) = Wait(servers.MakeEngine(CancellationToken.None));
            var pair = Wait(DirectPair.Assemble(CancellationToken.None, engine));
            try
            {
                var bare = Wait(BareServers.Make(servers, settings, pair));
                try
                {
                    return Fight("handoffs, PostgreSQL and RabbitMQ", pair, "beside one verified statement, one commit and one confirmed publish per act", told => Wait(bare.Run(told)), mail);
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

    private static IReadOnlyList<Figure> Fight(string ours, DirectPair pair, string bare, Action<IReadOnlyList<IReadOnlyList<SignedStatement>>> run, MailRun mail)
    {
        var handoffs = new HandoffRun(pair);
        var (seconds, ratios) = new Duel(Repetitions).Fight(() => Wait(handoffs.Run(Batch)), () => run(handoffs.Told(Batch)), () => Wait(mail.Run(Batch)));
        return
        [
            new($"{ours}; {bare}", Batch / seconds[0], Batch / seconds[1], "per s", ratios[1], ">= 0.5"),
            new($"{ours}; {Mail}", Batch / seconds[0], Batch / seconds[2], "per s", ratios[2], ">= 1"),
        ];
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
