using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>A file by hand, under a file key that is known: its MAC is right, and its chunks are authentic, whatever they are.</summary>
internal static class ForgedFile
{
    public static byte[] Of(IReadOnlyList<AgeStanza> stanzas, byte[] fileKey, params (byte[] Plain, bool Last)[] chunks)
    {
        var nonce = new byte[FileKey.PayloadNonceBytes];
        using var file = new MemoryStream();
        file.Write(new AgeHeader(stanzas, FileKey.HeaderMac(fileKey, new AgeHeader(stanzas, mac: default).MacInput())).ToBytes());
        file.Write(nonce);
        using var cipher = FileKey.PayloadCipher(fileKey, nonce);
        for (var i = 0; i < chunks.Length; i++)
        {
            var chunk = new byte[chunks[i].Plain.Length + PayloadCipher.TagBytes];
            cipher.Seal(i, chunks[i].Last, chunks[i].Plain, chunk);
            file.Write(chunk);
        }

        return file.ToArray();
    }
}
