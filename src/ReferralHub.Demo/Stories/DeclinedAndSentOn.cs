using System.Globalization;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>
/// The shelter asks a second house for counselling that has no place; its own directory shows who else could help, and with a
/// consent that names them it is sent on in one step.
/// </summary>
internal static class DeclinedAndSentOn
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (shelter, hospital, ngo) = (cast.Shelter, cast.Hospital, cast.Ngo);
        var papers = Directory.CreateDirectory(Path.Combine(cast.Folder, "papers", "sent-on")).FullName;
        foreach (var (agency, state) in new[] { (hospital, "capacity"), (ngo, "capacity") })
        {
            await agency.PublishProfile(await Write("profile.json", Papers.Profile(Now)), ct);
            await agency.SetCapacity(state, ct);
        }

        narrator.Say($"{hospital.Id} and {ngo.Id}: publish what they offer, their hours and that they have room");
        var referral = await shelter.Send(await Write("referral.json", Papers.ReferralToCounselling(Now)), ngo, await Consent(ngo), ct);
        narrator.Say($"{shelter.Id}: asks {ngo.Id} for counselling ({referral})");

        await ngo.Sync(ct);
        await ngo.Acknowledge(referral, ct);
        await ngo.SetCapacity("no-capacity", ct);
        await ngo.Decline(referral, "no-capacity", hospital, ct);
        narrator.Say($"{ngo.Id}: declines, no-capacity, and suggests {hospital.Id}; {shelter.Id} stays responsible");

        await shelter.Sync(ct);
        var found = await shelter.Alternatives(referral, ct);
        string[] offered = [.. found.GetProperty("offers").EnumerateArray().Select(o => o.GetProperty("agency").GetString()!)];
        if (found.GetProperty("suggested").GetString() != hospital.Id || !offered.SequenceEqual([hospital.Id]))
            throw new ProcessFailedException($"the alternatives are {string.Join(", ", offered)}, not {hospital.Id}", []);
        narrator.Say($"{shelter.Id}: its gateway offers {hospital.Id}: psychosocial, of this age and area, with room");

        await Consent(hospital);
        var again = await shelter.Resend(referral, hospital, ct);
        narrator.Say($"{shelter.Id}: a consent names {hospital.Id}; sends it on as {again}");
        await hospital.Sync(ct);
        await hospital.Acknowledge(again, ct);
        await hospital.Accept(again, Now.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ct);
        narrator.Say($"{hospital.Id}: accepts; from now on it is responsible");
        await shelter.Sync(ct);
        return [new(referral, shelter, "declined"), new(again, shelter, "accepted")];

        async Task<string> Consent(AgencyNode to) => await shelter.RecordConsent(await Write("consent.json", Papers.Consent(Now)), to, ct);

        async Task<string> Write(string name, string content)
        {
            var file = Path.Combine(papers, name);
            await File.WriteAllTextAsync(file, content, ct);
            return file;
        }
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
