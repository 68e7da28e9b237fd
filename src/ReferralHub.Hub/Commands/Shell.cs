using System.CommandLine;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Restoring;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>What a command has to say.</summary>
/// <param name="Json">For programs.</param>
/// <param name="Text">For people.</param>
/// <param name="Exit">0 good, 1 broken, 2 the operator has to do something.</param>
internal sealed record Answer(object Json, string Text, int Exit = 0)
{
    /// <summary>Of a command that has said everything already.</summary>
    public static Answer Said { get; } = new("", "");
}

/// <summary>What all commands have in common: where the hub is, how they answer, how they fail.</summary>
internal static class Shell
{
    public const int Broken = 1;
    public const int Advice = 2;

    public static readonly Option<string> Data = new("--data") { Description = "The hub's data folder", Recursive = true, DefaultValueFactory = _ => "referralhub-data" };

    private static readonly Option<bool> Json = new("--json") { Description = "Answer in JSON", Recursive = true };

    private static readonly JsonSerializerOptions Answers =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Lines = new(Answers) { WriteIndented = false };

    public static RootCommand Root(string description, params IEnumerable<Command> commands)
    {
        var root = new RootCommand(description) { Data, Json };
        foreach (var command in commands) root.Add(command);
        return root;
    }

    /// <summary>Runs the command line.</summary>
    public static async Task<int> Run(RootCommand root, string[] args)
    {
        var parse = root.Parse(args);
        // The server ends by its own handler of SIGTERM and Ctrl-C, however often they come; System.CommandLine's crashes on the second.
        var exit = await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parse.Errors.Count > 0 ? Advice : exit;
    }

    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<Answer>> run)
    {
        command.SetAction(async (parse, ct) =>
        {
            var json = parse.GetValue(Json);
            try
            {
                var answer = await run(parse, ct);
                if (answer != Answer.Said) Console.Out.WriteLine(json ? JsonSerializer.Serialize(answer.Json, Answers) : answer.Text);
                return answer.Exit;
            }
            catch (Exception e) when (e is SettingsException or AdmissionException or IOException or UnauthorizedAccessException)
            {
                if (json) Console.Out.WriteLine(JsonSerializer.Serialize(new { error = e.Message }, Answers));
                Console.Error.WriteLine(e.Message);
                return e is SettingsException or AdmissionException ? Advice : Broken;
            }
        });
        return command;
    }

    /// <summary>Says one of many answers of a command that goes on; in JSON each is a line.</summary>
    public static void Say(ParseResult parse, Answer answer) =>
        Console.Out.WriteLine(parse.GetValue(Json) ? JsonSerializer.Serialize(answer.Json, Lines) : answer.Text);

    /// <summary>Reads an option that is a name; null when it was left out.</summary>
    public static T? Name<T>(string option, string? text)
        where T : WireText<T>, IWireText<T> =>
        text is null ? null : WireText<T>.TryParse(text, out var name) ? name : throw new SettingsException(option, text, $"It must match {T.Grammar}.");

    /// <summary>Reads an option that is a code; null when it was left out.</summary>
    public static T? CodeOf<T>(string option, string? text)
        where T : struct, Enum =>
        text is null ? null
        : Code.TryParse<T>(text, out var code) ? code
        : throw new SettingsException(option, text, $"Give one of {string.Join(", ", Enum.GetValues<T>().Select(Code.Text))}.");

    /// <summary>Opens the hub beside a server that may be running.</summary>
    public static Task<T> Open<T>(ParseResult parse, Func<IServiceProvider, HubDb, Task<T>> use) => OpenRestored(parse, async (services, db) =>
        await Restoration.Gathering(db, CancellationToken.None) is null
            ? await use(services, db)
            : throw new SettingsException("--data", parse.GetValue(Data)!, "The hub was restored from a backup and still gathers what agencies hold: see 'restore status', then run 'restore open'."));

    /// <summary>The same, also while a restored hub gathers.</summary>
    public static Task<T> OpenRestored<T>(ParseResult parse, Func<IServiceProvider, HubDb, Task<T>> use) => Open(new DataFolder(parse.GetValue(Data)!), use);

    /// <summary>Opens a hub.</summary>
    public static async Task<T> Open<T>(DataFolder data, Func<IServiceProvider, HubDb, Task<T>> use)
    {
        _ = data.ReadSettings();
        await using var services = new ServiceCollection().AddLogging().AddHub(data).BuildServiceProvider(true);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDb>();
        await Prepare(db, CancellationToken.None);
        return await use(scope.ServiceProvider, db);
    }

    /// <summary>Creates or updates the tables.</summary>
    /// <exception cref="SettingsException">The database is none, cannot be written, or is of a newer program.</exception>
    public static async Task Prepare(HubDb db, CancellationToken ct)
    {
        try
        {
            await db.Store.Check(db, ct);
            var applied = await db.Database.GetAppliedMigrationsAsync(ct);
            if (applied.Except(db.Database.GetMigrations()).Any())
                throw db.Store.Wrong("A newer referralhub has written it: run that one, or restore the backup from before.");
            if ((await db.Database.GetPendingMigrationsAsync(ct)).Any()) await db.Database.MigrateAsync(ct);
        }
        catch (Exception e) when (e.Failed() || e is SocketException or TimeoutException)
        {
            throw db.Store.Explain(e);
        }
    }

    /// <summary>Reads files with signatures over one payload, whoever signed which, and puts the signatures together.</summary>
    public static CoSigned ReadCoSigned(IReadOnlyList<string> files)
    {
        var signatures = new Dictionary<string, Jws>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!File.Exists(file)) throw new SettingsException("FILE", file, "There is no such file.");
            if (!CoSigned.TryParse(File.ReadAllBytes(file), out var one))
                throw new SettingsException("FILE", file, "It is not a co-signed statement: let 'referral-gateway registrar sign' write it.");
            foreach (var signature in one.Signatures) signatures[signature.Kid] = signature;
        }

        var all = signatures.Values;
        if (all.Select(s => s.Typ).Distinct().Count() != 1 || all.Select(s => Digest.Of(s.Payload.Span)).Distinct().Count() != 1)
        {
            throw new SettingsException("FILE", string.Join(' ', files), "The files are about different payloads: give those of one.");
        }

        return CoSigned.From(all);
    }
}
