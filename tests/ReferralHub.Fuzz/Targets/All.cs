namespace ReferralHub.Fuzz.Targets;

/// <summary>Every reader of bytes that others send. The costly ones first, so that the last to run is short.</summary>
internal static class All
{
    private static readonly Dictionary<string, Func<Target>> Made = new()
    {
        ["evidence"] = EvidenceTargets.Bundle,
        ["age-file"] = AgeTargets.WholeFile,
        ["tar"] = EnvelopeTargets.Tar,
        ["age-stream"] = AgeTargets.Stream,
        ["zip"] = EvidenceTargets.Zip,
        ["co-signed"] = StatementTargets.CoSignedEntry,
        ["payload"] = StatementTargets.Payload,
        ["jws"] = StatementTargets.Token,
        ["content"] = ContentTargets.Json,
        ["checkpoint"] = LogTargets.Checkpoint,
        ["tlog-proof"] = LogTargets.Proof,
        ["tile"] = LogTargets.Tiles,
        ["age-header"] = AgeTargets.Header,
        ["scrypt"] = AgeTargets.Passphrase,
        ["armor"] = ArmorTarget.Text,
        ["key"] = KeyTargets.Text,
        ["key-file"] = KeyTargets.KeyFile,
    };

    public static IReadOnlyCollection<string> Names => Made.Keys;

    /// <summary>Makes a target with its seeds.</summary>
    public static Target Find(string name) => Made[name]();
}
