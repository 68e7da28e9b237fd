using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Protocol.Content;
using ReferralHub.Tests.Protocol.Content;

namespace ReferralHub.SystemTests.Interop;

/// <summary>npm ajv with docs/schema/referral.json on the same forms as our own check. All people are SYNTHETIC.</summary>
[Trait("group", "interop")]
public sealed class FormSchemaInteropTests : IDisposable
{
    private const int Forms = 200;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private static string Schema => Checkout.Path("docs", "schema", "referral.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Both_find_the_same_forms_right_and_the_same_forms_wrong()
    {
        var right = Enumerable.Range(0, Forms).Select(i => new RandomForms(Drawn.Number($"form {i}", 1_000_000)).DrawJson()).ToList();
        var wrong = right.Select((form, i) => Spoil(form.DeepClone().AsObject(), i)).ToList();
        Assert.All(right, form => Assert.Empty(Faults(form)));
        Assert.All(wrong, form => Assert.NotEmpty(Faults(form)));

        Assert.All(await Judge(right), Assert.True);
        Assert.All(await Judge(wrong), Assert.False);
    }

    // In a way that the schema can see: what contradicts itself across fields only we look for.
    private static JsonObject Spoil(JsonObject form, int way)
    {
        var concern = form["concern"]!.AsObject();
        switch (way % 8)
        {
            case 0: concern["risk"] = "severe"; break;
            case 1: concern.Remove("reason"); break;
            case 2: concern["reason"] = ""; break;
            case 3: concern["reason"] = 7; break;
            case 4: concern["servicesRequested"] = new JsonArray(); break;
            case 5: concern["servicesRequested"] = new JsonArray("safehouse", "safehouse"); break;
            case 6: concern["nickname"] = "SYNTHETIC"; break;
            default: concern["evidenceWindow"] = "2026-03-02 08:00"; break;
        }

        return form;
    }

    private static IReadOnlyList<FormFault> Faults(JsonObject json)
    {
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json.ToJsonString()), out var form));
        return FormCheck.Faults(form, Now);
    }

    private async Task<bool[]> Judge(List<JsonObject> forms)
    {
        await File.WriteAllLinesAsync(_folder.File("forms"), forms.Select(form => form.ToJsonString()), TestContext.Current.CancellationToken);
        var verdicts = await Peers.Ajv(Schema, _folder.File("forms"));
        Assert.Equal(forms.Count, verdicts.Length);
        return verdicts;
    }
}
