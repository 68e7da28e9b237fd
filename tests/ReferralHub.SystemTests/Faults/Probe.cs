namespace ReferralHub.SystemTests.Faults;

/// <summary>The campaign's side of <see cref="Inside"/>: a folder that it shares with one hub or gateway.</summary>
internal sealed class Probe
{
    /// <summary>The variable that names the folder to the process.</summary>
    public const string Folder = "REFERRALHUB_PROBE";

    public const int InFlightAt = 0;
    public const int AgainAt = sizeof(int);
    public const int CountsBytes = 2 * sizeof(int);

    private readonly string _folder;

    public Probe(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>What to start the process with.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(Probe).Assembly.Location,
        [Folder] = _folder,
    };

    /// <summary>How many requests that change something the process has begun and not answered; after its end, how many it left so.</summary>
    public int InFlight => Read(InFlightAt);

    /// <summary>How often the hub was given a statement, or a consumer a message, that it had already: none has a second effect.</summary>
    public int Again => Read(AgainAt);

    public static string Armed(string folder) => Path.Combine(folder, "armed");

    public static string Fired(string folder) => Path.Combine(folder, "fired");

    public static string Counts(string folder) => Path.Combine(folder, "counts");

    /// <summary>Has the process end when it next comes to a point.</summary>
    public void Arm(Point point)
    {
        File.Delete(Fired(_folder));
        var file = Armed(_folder) + ".new";
        File.WriteAllText(file, point.ToString());
        File.Move(file, Armed(_folder));
    }

    /// <summary>Takes that back.</summary>
    /// <returns>Whether it was too late: the process came there.</returns>
    public bool Disarm()
    {
        File.Delete(Armed(_folder));
        return File.Exists(Fired(_folder));
    }

    private int Read(int at)
    {
        using var file = new FileStream(Counts(_folder), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[CountsBytes];
        file.ReadExactly(bytes);
        return BitConverter.ToInt32(bytes, at);
    }
}
