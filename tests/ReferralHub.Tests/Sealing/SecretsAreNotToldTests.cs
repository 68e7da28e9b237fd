using System.Reflection;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Sealing;

/// <summary>Whatever prints an object or an exception, into a log or onto a screen, prints no secret.</summary>
public sealed class SecretsAreNotToldTests : IDisposable
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0x41, 32).Select(i => (byte)i)];

    private readonly List<IDisposable> _examples = [];

    public SecretsAreNotToldTests()
    {
        var named = new NamedSecrets();
        named.Add("signing", Secret);
        using var drawn = AgencyKeys.Create(DateTimeOffset.UnixEpoch);
        using var all = drawn.ToSecrets();
        using var same = new NamedSecrets();
        same.Add("signing", Secret);
        same.Add("tls", all["tls"]);
        same.Add("storage", Secret);
        same.Add("encryption/0001", [.. all["encryption/0001"][..16], .. Secret]);
        Assert.True(RecoveryKey.TryParse(Bech32.Encode("REFERRALHUB-RECOVERY-", Secret), out var recovery));
        _examples.AddRange(
        [
            HybridIdentity.Import(Secret), X25519Identity.Import(Secret), new ScryptIdentity(Secret), new ScryptRecipient(Secret), new KnownFileKey(Secret.AsSpan(0, KnownFileKey.Size)), SigningKey.Import(Secret),
            new SecretBytes(Secret), named, AgencyKeys.Read(same)!, recovery,
        ]);
    }

    public void Dispose() => _examples.ForEach(example => example.Dispose());

    [Fact]
    public void Every_class_that_holds_a_secret_is_among_the_examples_here()
    {
        var holders = new[] { typeof(SecretBytes).Assembly, typeof(SigningKey).Assembly }.SelectMany(library => library.GetTypes())
            .Where(type => !type.IsAbstract && (type == typeof(SecretBytes) || Fields(type).Any(IsSecret)));
        Assert.Equal(
            _examples.Select(example => example.GetType().Name).Order(StringComparer.Ordinal), holders.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ToString_tells_no_secret()
    {
        foreach (var example in _examples) AssertTellsNothing($"{example}");
        using var identity = HybridIdentity.Import(Secret);
        AssertTellsNothing($"{new EncryptionIdentity(identity, DateTimeOffset.UnixEpoch, RetiredAt: null)}");
    }

    [Fact]
    public void No_exception_tells_a_secret()
    {
        var secrets = _examples.OfType<NamedSecrets>().Single();
        using var disposed = new SecretBytes(Secret);
        disposed.Dispose();
        var closed = X25519Identity.Import(Secret);
        closed.Dispose();
        foreach (var mistake in (Action[])[
            () => HybridIdentity.Import([.. Secret, 0]),
            () => X25519Identity.Import([.. Secret, 0]),
            () => SigningKey.Import([.. Secret, 0]),
            () => secrets.Add("Not A Name", Secret),
            () => secrets.Add("signing", Secret),
            () => _ = secrets["other"].Length,
            () => _ = disposed.Span.Length,
            () => closed.ExportSecret(),
            () => KeyFile.Save("/dev/null/keys", Secret, secrets, KeyFileCost.Least),
            () => KeyFile.Save("keys", [], secrets),
            () => _ = new AgeWriter(Stream.Null, _examples.OfType<ScryptRecipient>().Single(), _examples.OfType<ScryptRecipient>().Single())])
        {
            AssertTellsNothing(Assert.ThrowsAny<Exception>(mistake).ToString());
        }
    }

    private static void AssertTellsNothing(string text)
    {
        var bech32 = Bech32.Encode("a", Secret)[2..^6];
        foreach (var form in (string[])[
            Convert.ToHexString(Secret)[..16], Convert.ToBase64String(Secret)[..16], bech32[..16], Encoding.ASCII.GetString(Secret)[..8], string.Join(", ", Secret.Take(8)), string.Join('-', Secret.Take(8).Select(b => $"{b:X2}"))])
        {
            Assert.DoesNotContain(form, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static IEnumerable<FieldInfo> Fields(Type? type) => type is null
        ? []
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Concat(Fields(type.BaseType));

    private static bool IsSecret(FieldInfo field) =>
        field.FieldType == typeof(SecretBytes) || field.FieldType == typeof(NSec.Cryptography.Key) || field.FieldType.GenericTypeArguments.Contains(typeof(SecretBytes));
}
