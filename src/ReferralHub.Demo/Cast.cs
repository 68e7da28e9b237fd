using ReferralHub.Demo.Stories;

namespace ReferralHub.Demo;

/// <summary>Who is in the stories: two registrars, a hub, and agencies that agreed to share.</summary>
internal sealed class Cast : IAsyncDisposable
{
    private readonly AgencyNode[] _agencies;
    private readonly (AgencyNode, AgencyNode)[] _partners;

    private Cast(string folder, bool everybody, string? engine)
    {
        Folder = folder;
        Hub = new HubNode(folder) { Engine = engine };
        Police = new AgencyNode(folder, "police-child-protection", "police", "SYNTHETIC Police, Child Protection Unit", "SYNTHETIC Officer Noor Example", "police");
        Hospital = new AgencyNode(folder, "central-hospital", "hospital", "SYNTHETIC Central Hospital", "SYNTHETIC Nurse Lina Example", "medical", "psychosocial");
        Shelter = new AgencyNode(folder, "haven-shelter", "shelter", "SYNTHETIC Haven Shelter", "SYNTHETIC Worker Sam Example", "shelter");
        Ngo = new AgencyNode(folder, "new-path-ngo", "ngo", "SYNTHETIC New Path", "SYNTHETIC Counsellor Ada Example", "psychosocial");
        _agencies = everybody ? [Police, Hospital, Shelter, Ngo] : [Police, Shelter];
        _partners = everybody ? [(Police, Shelter), (Police, Hospital), (Hospital, Shelter), (Shelter, Ngo)] : [(Police, Shelter)];
    }

    /// <summary>Where all data folders are.</summary>
    public string Folder { get; }

    public HubNode Hub { get; }

    public AgencyNode Police { get; }

    public AgencyNode Hospital { get; }

    public AgencyNode Shelter { get; }

    public AgencyNode Ngo { get; }

    /// <summary>
    /// Founds the hub, admits the four agencies, starts all five, and puts agreements in force between those that work together.
    /// <paramref name="folder"/> is empty, readable by this user only, and short, since sockets live in it.
    /// </summary>
    public static Task<Cast> Assemble(string folder, Narrator narrator, CancellationToken ct) =>
        new Cast(folder, everybody: true, engine: null).Assemble(narrator, ct);

    /// <inheritdoc cref="Assemble(string, Narrator, CancellationToken)"/>
    /// <remarks>
    /// Only the police and the shelter; with an engine.json, a hub on the servers that it names. <paramref name="prepare"/> says
    /// what is different before anybody starts.
    /// </remarks>
    public static Task<Cast> AssemblePair(string folder, Narrator narrator, CancellationToken ct, string? engine = null, Action<Cast>? prepare = null)
    {
        var cast = new Cast(folder, everybody: false, engine);
        prepare?.Invoke(cast);
        return cast.Assemble(narrator, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await using (Hub)
        {
            await Task.WhenAll(_agencies.Select(agency => agency.DisposeAsync().AsTask()));
        }
    }

    private async Task<Cast> Assemble(Narrator narrator, CancellationToken ct)
    {
        try
        {
            await Found(narrator, ct);
            await Agree(narrator, ct);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task Found(Narrator narrator, CancellationToken ct)
    {
        var keys = Each(agency => agency.Init(ct));
        await Hub.Begin(narrator, ct);
        narrator.Say($"hub: serves on {Hub.Url}, process {Hub.Server.Id}");

        await keys;
        await Hub.Admit(ct, await Task.WhenAll(_agencies.Select(async agency => (agency.Id, await agency.Join(Hub, ct)))));
        await Each(async agency =>
        {
            await agency.Serve(ct);
            narrator.Say($"{agency.Id}: joined; registrars compared its digits and signed; gateway is process {agency.Server.Id}");
            await agency.Hire(ct);
        });
    }

    private async Task Agree(Narrator narrator, CancellationToken ct)
    {
        await Each(agency => agency.Sync(ct));
        var proposals = await Task.WhenAll(_partners.Select(async pair =>
        {
            var (from, to) = pair;
            var terms = Path.Combine(Folder, $"agreement-{from.Id}-{to.Id}.json");
            await File.WriteAllTextAsync(terms, Papers.Agreement(from.Id, to.Id, TimeProvider.System.GetUtcNow()), ct);
            return (To: to, Agreement: (await from.Ask(ct, "agreement", "propose", terms)).GetProperty("agreement").GetString()!);
        }));

        await Each(agency => agency.Sync(ct));
        await Task.WhenAll(proposals.Select(proposal => proposal.To.Ask(ct, "agreement", "accept", proposal.Agreement)));
        await Each(agency => agency.Sync(ct));
        foreach (var (from, to) in _partners) narrator.Say($"{from.Id} and {to.Id}: an information-sharing agreement is in force");
    }

    private Task Each(Func<AgencyNode, Task> act) => Task.WhenAll(_agencies.Select(act));
}
