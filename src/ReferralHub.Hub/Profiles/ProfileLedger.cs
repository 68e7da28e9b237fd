using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Profiles;

/// <summary>What agencies say of themselves.</summary>
internal static class ProfileLedger
{
    /// <summary>The newest profile of an agency as it was signed, or null. Its hours are what the agency's clocks count.</summary>
    public static async Task<SignedStatement?> Find(HubDb db, AgencyId agency, CancellationToken ct)
    {
        var token = await (
            from published in db.Set<PublishedRecord>()
            where published.Agency == agency && published.Kind == StatementKind.Profile
            join statement in db.Set<StoredStatement>() on published.Statement equals statement.Id
            select statement.Token).SingleOrDefaultAsync(ct);
        return token is null ? null : StoredStatement.Read(token);
    }
}
