using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;

namespace ReferralHub.Hub.Commands;

/// <summary>Whether the keys in the data folder are those of this hub.</summary>
internal static class KeyMatch
{
    /// <exception cref="SettingsException">They are another's.</exception>
    public static async Task Require(IServiceProvider services, HubDb db, CancellationToken ct)
    {
        var (data, keys) = (services.GetRequiredService<DataFolder>(), services.GetRequiredService<HubKeys>());
        var genesis = (await services.GetRequiredService<Agencies>().Now(db, ct)).Entries.Genesis;
        if (!genesis.Hub.Equals(keys.Statements.VerifyingKey) || genesis.DirectoryLog != keys.DirectoryLog.Key.ToString()
            || genesis.AuditLog != keys.AuditLog.Key.ToString() || genesis.Cosigner != keys.Cosigner.Key.ToString())
        {
            throw new SettingsException("keys", Path.GetDirectoryName(data.CaKey)!, "They are not those that the genesis names: restore the ones that belong to this database.");
        }

        using var ca = CertificateAuthority.Load(data);
        if (genesis.Ca != ca.Spki)
            throw new SettingsException("CA", data.CaCertificate, "It is not the one that the genesis names: restore the one that belongs to this database.");
    }
}
