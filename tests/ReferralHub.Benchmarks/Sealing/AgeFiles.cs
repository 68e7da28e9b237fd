using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Sealing;

/// <summary>Raw age, ours and the peer's.</summary>
internal sealed class AgeFiles : IDisposable
{
    private readonly HybridIdentity _identity = HybridIdentity.Create();
    private readonly string _plain, _sealed, _opened, _peerSealed, _peerOpened, _peerIdentity;
    private readonly string? _peerRecipient;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public AgeFiles(TemporaryFolder folder, int size)
    {
        (_plain, _sealed, _opened) = (folder.File("plain"), folder.File("sealed"), folder.File("opened"));
        (_peerSealed, _peerOpened, _peerIdentity) = (folder.File("peer-sealed"), folder.File("peer-opened"), folder.File("identity"));
        Inputs.Write(_plain, size);
        if (!Tool.IsThere("age")) return;
        Tool.Output("age-keygen", "-o", _peerIdentity);
        _peerRecipient = Tool.Output("age-keygen", "-y", _peerIdentity).Trim();
    }

    public void Seal()
    {
        using var plain = Inputs.Open(_plain);
        using var file = Inputs.Create(_sealed);
        using var writer = new AgeWriter(file, new HybridRecipient(_identity.PublicKey));
        for (int count; (count = plain.Read(_buffer)) > 0;) writer.Write(_buffer.AsSpan(0, count));
        writer.Complete();
    }

    public void Open()
    {
        using var file = Inputs.Open(_sealed);
        using var plain = Inputs.Create(_opened);
        if (!AgeReader.TryOpen(file, [_identity], AgeLimits.Wire, out var reader, out var fault)) throw new InvalidOperationException($"{fault}");
        using (reader)
        {
            int count;
            while (reader.TryRead(_buffer, out count) && count > 0) plain.Write(_buffer, 0, count);
            if (plain.Length != reader.Length) throw new InvalidOperationException("It opens to something else.");
        }
    }

    public void PeerSeal() => Tool.Output("age", "-r", _peerRecipient!, "-o", _peerSealed, _plain);

    public void PeerOpen() => Tool.Output("age", "-d", "-i", _peerIdentity, "-o", _peerOpened, _peerSealed);

    public void Dispose() => _identity.Dispose();
}
