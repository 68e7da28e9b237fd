using ReferralHub.Gateway;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Commands;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>What an operator writes into <c>alerts.json</c>, docs/operations.md.</summary>
public sealed class AlertSettingsTests : IDisposable
{
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("rh-").FullName);

    [Theory]
    [InlineData("""{"dutyDesk":[],"lead":["a@b.example"],"link":"x","mail":{"host":"h","port":25,"security":"tls","from":"a@b.example"}}""", "dutyDesk")]
    [InlineData("""{"dutyDesk":["nobody"],"lead":["a@b.example"],"link":"x","mail":{"host":"h","port":25,"security":"tls","from":"a@b.example"}}""", "nobody")]
    [InlineData("""{"dutyDesk":["a@b.example"],"lead":["a@b.example"],"link":"x","mail":{"host":"mail.example","port":25,"security":"none","from":"a@b.example"}}""", "mail.security")]
    [InlineData("""{"dutyDesk":["a@b.example"],"lead":["a@b.example"],"link":"x","mail":{"host":"h","port":0,"security":"tls","from":"a@b.example"}}""", "mail.port")]
    [InlineData("""{"dutyDesk":["a@b.example"],"lead":["a@b.example"],"link":"x","mail":{"host":"h","port":25,"security":"tls","from":"a@b.example","user":"u"}}""", "passwordFile")]
    [InlineData("""{"dutyDesk":["a@b.example"],"lead":["a@b.example"],"link":"x","mail":{"host":"h","port":25,"security":"tls","from":"a@b.example","caFile":"/nowhere"}}""", "/nowhere")]
    [InlineData("""{"dutyDesk":[],"lead":[],"link":"x"}""", "neither")]
    [InlineData("""{"dutyDesk":[],"lead":[],"link":"","command":["/bin/true"]}""", "link")]
    [InlineData("""{"dutyDesk":[],"lead":[],"link":"x","command":[]}""", "command")]
    [InlineData("""{"dutyDesk":[],"lead":[],"link":"x","command":["/bin/true"],"hubSilentSeconds":0}""", "hubSilentSeconds")]
    [InlineData("""{"dutyDesk":[],"lead":[],"link":"x","command":["/bin/true"],"sms":"+1"}""", "form")]
    public void Settings_that_tell_nobody_name_what_is_wrong(string json, string named)
    {
        File.WriteAllText(_folder.AlertSettings, json);
        var fault = Assert.Throws<CommandException>(() => AlertSettings.Read(_folder));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder.Root, recursive: true);
}
