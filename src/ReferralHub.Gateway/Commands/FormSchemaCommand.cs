using System.CommandLine;
using ReferralHub.Protocol.Content;

namespace ReferralHub.Gateway.Commands;

/// <summary><c>form schema</c>: the JSON Schema of a referral's form, for whoever writes forms. Needs no gateway.</summary>
internal static class FormSchemaCommand
{
    /// <summary>What it prints: the schema itself, also with <c>--json</c>.</summary>
    /// <param name="Schema">The schema as text.</param>
    internal sealed record Printed(string Schema) : Output
    {
        public override void Print(TextWriter to) => to.Write(Schema);

        public override string ToJson() => Schema.TrimEnd();
    }

    public static Command Command() => Cli.Offline("schema", "Print the JSON Schema of a referral's form.", [], (_, _) => Task.FromResult<Output>(new Printed(FormSchema.Text)));
}
