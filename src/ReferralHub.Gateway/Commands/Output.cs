using System.Text.Json;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// What a command says when it is done. The members, in camelCase, are the shape of <c>--json</c>; every command's record
/// derives from this one and documents its own.
/// </summary>
internal abstract record Output
{
    /// <summary>Good, or advice: what to do before it is good.</summary>
    public virtual int ExitCode() => Exit.Good;

    /// <summary>The same for a person.</summary>
    public abstract void Print(TextWriter to);

    /// <summary>The same for a program.</summary>
    public virtual string ToJson() => JsonSerializer.Serialize(this, GetType(), LocalJson.Printed);
}

/// <summary>What a command's exit code says.</summary>
internal static class Exit
{
    public const int Good = 0;
    public const int Broken = 1;

    /// <summary>Somebody has to do something: before it is good, or because nothing ran since an argument is wrong.</summary>
    public const int Advice = 2;
}

/// <summary>A command cannot go on; the message names the setting, its value and the fix.</summary>
internal sealed class CommandException(string error, string message) : Exception(message)
{
    public string Error { get; } = error;
}
