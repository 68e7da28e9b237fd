using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>Everybody in the stories: two registrars, a hub, a police unit and a shelter with an agreement between them.</summary>
internal sealed class Cast : IAsyncDisposable
{
    private Cast(string folder)
    {
        Folder = folder;
        Hub = new HubNode(folder);
        Police = new AgencyNode(folder, "police-child-protection", "police", "SYNTHETIC Police, Child Protection Unit", "police");
        Shelter = new AgencyNode(folder, "haven-shelter", "shelter", "SYNTHETIC Haven Shelter", "shelter");
    }

    /// <summary>Where all data folders are.</summary>
    public string Folder { get; }

    public HubNode Hub { get; }

    public AgencyNode Police { get; }

    public AgencyNode Shelter { get; }

    /// <summary>
    /// Founds the hub, admits both agencies, starts all three, and puts an agreement in force. <paramref name="folder"/> is
    /// empty, readable by this user only, and short, since sockets live in it.
    /// </summary>
    public static async Task<Cast> Assemble(string folder, Narrator narrator, CancellationToken ct)
    {
        var cast = new Cast(folder);
        try
        {
            await cast.Found(narrator, ct);
            await cast.Agree(narrator, ct);
            return cast;
        }
        catch
        {
            await cast.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One that does not end as it should must not keep the others up.
        await using (Hub)
        await using (Police)
            await Shelter.DisposeAsync();
    }

    private async Task Found(Narrator narrator, CancellationToken ct)
    {
        var keys = Task.WhenAll(Police.Init(ct), Shelter.Init(ct));
        await Hub.Found(narrator, ct);
        await Hub.Serve(ct);
        narrator.Say($"hub: serves on {Hub.Url}, process {Hub.Server.Id}");

        await keys;
        await Task.WhenAll(Admit(Police, "SYNTHETIC Officer Noor Example"), Admit(Shelter, "SYNTHETIC Worker Sam Example"));

        async Task Admit(AgencyNode agency, string worker)
        {
            await agency.Join(Hub, ct);
            await agency.Serve(ct);
            narrator.Say($"{agency.Id}: joined; registrars compared its digits and signed; gateway is process {agency.Server.Id}");
            await agency.Hire(worker, ct);
        }
    }

    private async Task Agree(Narrator narrator, CancellationToken ct)
    {
        var terms = Path.Combine(Folder, "agreement.json");
        await File.WriteAllTextAsync(terms, Papers.Agreement(Police.Id, Shelter.Id, TimeProvider.System.GetUtcNow()), ct);
        await Police.Sync(ct);
        var agreement = (await Police.Ask(ct, "agreement", "propose", terms)).GetProperty("agreement").GetString()!;
        await Shelter.Sync(ct);
        await Shelter.Ask(ct, "agreement", "accept", agreement);
        await Police.Sync(ct);
        narrator.Say($"{Police.Id} and {Shelter.Id}: an information-sharing agreement is in force");
    }
}
