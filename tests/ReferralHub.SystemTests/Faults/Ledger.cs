using System.Collections.Concurrent;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.SystemTests.Faults;

/// <summary>What people were told by their gateways: what was promised, and what went wrong.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<Digest> _promised = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();

    /// <summary>Statements that a gateway answered 2xx for: from then on they may not be lost.</summary>
    public IReadOnlyCollection<Digest> Promised => _promised;

    /// <summary>Every other answer, and how often it came.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    public void Promise(Digest statement) => _promised.Enqueue(statement);

    public void Note(string answer) => _answers.AddOrUpdate(answer, 1, (_, times) => times + 1);
}
