using System.CommandLine;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using ReferralHub.Client;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Commands;

/// <summary>What all commands share: two options, how they print, how they fail.</summary>
internal static class Cli
{
    private static readonly Option<string> Data = new("--data") { Description = "The gateway's data folder.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    private const string NotOfItsForm = "malformed";

    /// <summary>Adds <c>--json</c> for all commands below.</summary>
    public static RootCommand Root(string description, params ReadOnlySpan<Command> commands)
    {
        var root = new RootCommand(description) { Json };
        foreach (var command in commands) root.Add(command);
        return root;
    }

    /// <summary>Runs a command line; one that is wrong runs nothing.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args, CancellationToken ct)
    {
        var parsed = root.Parse(args);
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, ct);
        return parsed.Errors.Count > 0 ? Exit.Advice : exit;
    }

    /// <summary>A command that runs by itself.</summary>
    public static Command Offline(string name, string description, Symbol[] inputs, Func<ParseResult, CancellationToken, Task<Output>> run)
    {
        var command = new Command(name, description);
        foreach (var input in inputs) Add(command, input);
        command.SetAction((parsed, ct) => RunAsync(parsed, () => run(parsed, ct)));
        return command;
    }

    /// <summary>A command that works on a data folder.</summary>
    public static Command OnData(
        string name, string description, Symbol[] inputs, Func<ParseResult, DataFolder, CancellationToken, Task<Output>> run) =>
        Offline(name, description, [Data, .. inputs], (parsed, ct) => run(parsed, new DataFolder(parsed.GetRequiredValue(Data)), ct));

    /// <summary>A command that asks the running gateway.</summary>
    public static Command Local(string name, string description, Symbol[] inputs, Func<ParseResult, Local, CancellationToken, Task<Output>> run) =>
        OnData(name, description, inputs, async (parsed, folder, ct) =>
        {
            using var local = new Local(folder);
            return await run(parsed, local, ct);
        });

    /// <summary>A command that only has commands below it.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }

    /// <summary>An option whose value is a code of docs/protocol.md §1.6.</summary>
    public static Option<T> CodeOption<T>(string name, string description)
        where T : struct, Enum
    {
        var values = Protocol.Wire.Code.All<T>();
        var option = new Option<T>(name)
        {
            Description = $"{description}: {string.Join(", ", values)}.",
            Required = true,
            CustomParser = result =>
            {
                if (Protocol.Wire.Code.TryParse<T>(result.Tokens.Single().Value, out var value)) return value;
                result.AddError($"{name} {result.Tokens.Single().Value}: not one of {string.Join(", ", values)}.");
                return default;
            },
        };
        return option;
    }

    /// <summary>What was asked for is not of its form: nothing ran, and whoever asked has to put it right.</summary>
    public static CommandException Malformed(string message) => new(NotOfItsForm, message);

    /// <summary>Reads a name that came as an option or argument.</summary>
    public static T Name<T>(string setting, string value)
        where T : WireText<T>, IWireText<T> =>
        WireText<T>.TryParse(value, out var name)
            ? name
            : throw Malformed($"{setting} {value}: must match {T.Grammar}.");

    /// <inheritdoc cref="Name"/>
    public static T? OptionalName<T>(string setting, string? value)
        where T : WireText<T>, IWireText<T> => value is null ? null : Name<T>(setting, value);

    /// <summary>Reads a code that came as an option or argument.</summary>
    public static T Code<T>(string setting, string value)
        where T : struct, Enum =>
        Protocol.Wire.Code.TryParse<T>(value, out var code)
            ? code
            : throw Malformed($"{setting} {value}: not one of {string.Join(", ", Protocol.Wire.Code.All<T>())}.");

    /// <inheritdoc cref="Code"/>
    public static T? OptionalCode<T>(string setting, string? value)
        where T : struct, Enum => value is null ? null : Code<T>(setting, value);

    /// <summary>Reads an id that came as an argument.</summary>
    public static Guid Id(string value) =>
        WireId.TryParse(value, out var id) ? id : throw Malformed($"{value}: not an id, which looks like 0190….");

    /// <summary>Reads a time that came as an option.</summary>
    public static DateTimeOffset Time(string setting, string value) =>
        WireTime.TryParse(value, out var time)
            ? time
            : throw Malformed($"{setting} {value}: must look like 2026-11-22T23:24:00Z.");

    /// <summary>A text that came as an option; <c>-</c> reads it from standard input, where no process list shows it.</summary>
    public static async Task<string> TextAsync(string value, CancellationToken ct) =>
        value == "-" ? (await Console.In.ReadToEndAsync(ct)).TrimEnd('\r', '\n') : value;

    private static void Add(Command command, Symbol input)
    {
        if (input is Argument argument) command.Add(argument);
        else command.Add((Option)input);
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<Task<Output>> run)
    {
        var json = parsed.GetValue(Json);
        var (to, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            var output = await run();
            if (json) await to.WriteLineAsync(output.ToJson());
            else output.Print(to);
            return output.ExitCode();
        }
        catch (Exception e) when (Explain(e) is { } body)
        {
            await errors.WriteLineAsync(json
                ? JsonSerializer.Serialize(body, LocalJson.Options)
                : $"{body.Error}: {body.Message}{string.Concat(body.Reasons.Select(reason => $"\n  {reason}"))}");
            return body.Error == NotOfItsForm ? Exit.Advice : Exit.Broken;
        }
    }

    // What a person can act on gets one line; anything else is a defect and keeps its stack trace.
    private static RefusalBody? Explain(Exception e) => e switch
    {
        RefusedException refused => RefusalBody.Of(refused),
        CommandException command => new(command.Error, command.Message, []),
        HubRefusedException hub => new("hub-refused", hub.Message, [hub.Problem.Name, .. hub.Problem.Reasons]),
        HubUnreachableException hub => new("hub-unreachable", hub.Message, []),
        HubAnswerException hub => new("hub-answer", hub.Message, []),
        JsonException => new("broken", "The gateway's answer is not of its form: command and gateway are of different versions.", []),
        IOException or UnauthorizedAccessException or SqliteException => new("io", e.Message, []),
        _ => null,
    };
}
