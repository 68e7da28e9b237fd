using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;

namespace ReferralHub.Gateway;

/// <summary>Where a gateway keeps everything. Only its owner may enter.</summary>
internal sealed class DataFolder(string root)
{
    private const int MaxSocketBytes = 107;
    private const int Full = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The sealed key file.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>The enrolment, signed by the recovery key and the signing key, as it goes to the hub.</summary>
    public string Enrolment => Path.Combine(Root, "enrolment.jws");

    /// <summary>Whom to alert and how; there when somebody has written it.</summary>
    public string AlertSettings => Path.Combine(Root, "alerts.json");

    public string Database => Path.Combine(Root, "gateway.db");

    /// <summary>The local interface, a Unix socket.</summary>
    public string Socket => Path.Combine(Root, "socket");

    /// <summary>Held by the one gateway that runs here.</summary>
    public string Lock => Path.Combine(Root, "lock");

    public string Parts => Path.Combine(Root, "parts");

    public string Part(Digest sha256) => Path.Combine(Parts, sha256.ToString());

    public void Create()
    {
        RequireShort();
        Private.NewFolder(Root);
        Private.NewFolder(Parts);
    }

    /// <summary>Keeps every other gateway and <c>join</c> out of this folder until it is disposed.</summary>
    public FileStream TakeLock()
    {
        RequireShort();
        if (!System.IO.Directory.Exists(Root))
            throw new CommandException("not-initialised", $"--data {Root}: no such folder. Make an agency: referral-gateway init --data {Root}");
        try
        {
            return new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || e.HResult is ReadOnly or Full)
        {
            throw new CommandException("io", $"--data {Root}: cannot be written ({e.Message}). Run the gateway as the user that owns it, on a disk with room.");
        }
        catch (IOException)
        {
            throw new CommandException("running", $"--data {Root}: a gateway runs here already. Stop it first.");
        }
    }

    private void RequireShort()
    {
        if (Encoding.UTF8.GetByteCount(Socket) > MaxSocketBytes)
            throw Cli.Malformed($"--data {Root}: too long, the system allows a socket's path {MaxSocketBytes} bytes. Choose a folder nearer to the root.");
    }
}
