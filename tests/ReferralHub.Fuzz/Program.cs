using System.Diagnostics;
using System.Globalization;
using ReferralHub.Fuzz;
using ReferralHub.Fuzz.Targets;

// ReferralHub.Fuzz [--seed N] [--count N] [--target NAME]…   hostile inputs for the readers: one line for each
// ReferralHub.Fuzz --replay TARGET FILE                       one saved input, on the product as it is
switch (args)
{
    case [Fleet.Child, var name, var seed, var count, var path]:
        return Attack(name, ulong.Parse(seed, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture), path);
    case ["--replay", var name, var file]:
        Console.WriteLine(All.Find(name).Accepts(Convert.FromHexString(File.ReadAllText(file).Trim())) ? "accepted" : "refused");
        return 0;
    default:
        return await Run(args);
}

static async Task<int> Run(string[] args)
{
    var (seed, count, targets) = (1UL, 100_000, new List<string>());
    foreach (var pair in args.Chunk(2))
    {
        switch (pair)
        {
            case ["--seed", var value] when ulong.TryParse(value, CultureInfo.InvariantCulture, out seed): break;
            case ["--count", var value] when int.TryParse(value, CultureInfo.InvariantCulture, out count): break;
            case ["--target", var value] when All.Names.Contains(value): targets.Add(value); break;
            default:
                Console.Error.WriteLine($"usage: [--seed N] [--count N] [--target NAME]… | --replay TARGET FILE\ntargets: {string.Join(' ', All.Names)}");
                return 2;
        }
    }

    Console.WriteLine($"fuzz: --seed {seed} --count {count}");
    using var fleet = new Fleet(seed, count);
    return await fleet.Run(targets.Count > 0 ? targets : All.Names) ? 0 : 1;
}

static int Attack(string name, ulong seed, int count, string path)
{
    using var coverage = new Coverage();
    using var journal = new Journal(path);
    var target = All.Find(name);
    var watch = Stopwatch.StartNew();
    var outcome = new Campaign(target, seed, Math.Max(1, count / target.Cost), coverage, journal).Run();
    if (outcome.Finding is not null)
    {
        Console.Write($"input {outcome.Inputs}: {outcome.Finding}");
        return 1;
    }

    Console.WriteLine($"ok: fuzz {name}: {outcome.Inputs} inputs, {outcome.Accepted} accepted, {outcome.Kept} kept for new branches, {watch.Elapsed.TotalSeconds:0.0} s");
    return 0;
}
