using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway;

/// <summary>Where a gateway keeps everything. Only its owner may enter.</summary>
internal sealed class DataFolder(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The sealed key file.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>The enrolment, signed by the recovery key and the signing key, as it goes to the hub.</summary>
    public string Enrolment => Path.Combine(Root, "enrolment.jws");

    public string Database => Path.Combine(Root, "gateway.db");

    /// <summary>The local interface, a Unix socket.</summary>
    public string Socket => Path.Combine(Root, "socket");

    /// <summary>Held by the one gateway that runs here.</summary>
    public string Lock => Path.Combine(Root, "lock");

    public string Parts => Path.Combine(Root, "parts");

    public string Part(Digest sha256) => Path.Combine(Parts, sha256.ToString());

    public void Create()
    {
        Private.NewFolder(Root);
        Private.NewFolder(Parts);
    }
}
