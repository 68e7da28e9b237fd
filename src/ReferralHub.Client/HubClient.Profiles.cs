using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int ProfileBytes = 2 * 1024 * 1024;

    /// <summary>
    /// What the active agencies say of themselves: profiles and capacities, of each agency the newest, page by page.
    /// <c>GET /profiles</c>
    /// </summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>Under whose name the hub shows it, and the statement, of the right form; its signature is not checked.</returns>
    public async Task<IReadOnlyList<(AgencyId Agency, SignedStatement Statement)>> GetProfilesAsync(CancellationToken ct)
    {
        var all = new List<(AgencyId, SignedStatement)>();
        string? after = null;
        while (true)
        {
            var path = after is null ? "profiles" : $"profiles?after={after}";
            var page = ReadAnswer<ProfilesBody>(await GetBytesAsync(path, ProfileBytes, ct)).Agencies;
            if (page.Count == 0) return all;
            foreach (var shown in page)
            {
                // Not even the order is trusted: a page that does not go on would be asked for without end.
                if (!AgencyId.TryParse(shown.Agency, out var agency) || string.CompareOrdinal(shown.Agency, after) <= 0)
                    throw new HubAnswerException("The profiles are not in the order of their agencies.");
                after = shown.Agency;
                foreach (var token in shown.Statements)
                {
                    all.Add(SignedStatement.TryRead(token, out var signed)
                        ? (agency, signed)
                        : throw new HubAnswerException($"The profile of {agency} is no statement."));
                }
            }
        }
    }

    private sealed record ProfilesBody(IReadOnlyList<ProfileBody> Agencies);

    private sealed record ProfileBody(string Agency, IReadOnlyList<string> Statements);
}
