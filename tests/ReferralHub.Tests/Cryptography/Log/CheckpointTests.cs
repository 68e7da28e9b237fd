using System.Text;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class CheckpointTests
{
    private const string Root = "fKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=";
    private const string EmptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    [Theory]
    [InlineData("hub.example/audit\n5\n" + Root + "\n")]
    [InlineData("hub.example/audit\n9223372036854775807\n" + Root + "\n")]
    [InlineData("hub.example/audit\n0\n" + EmptyRoot + "\n")]
    public void Text_and_back(string text)
    {
        Assert.True(Checkpoint.TryParse(Encoding.UTF8.GetBytes(text), out var checkpoint));
        Assert.Equal(text, Encoding.UTF8.GetString(checkpoint.ToText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hub.example/audit\n5\n" + Root)]
    [InlineData("hub.example/audit\n5\n")]
    [InlineData("hub.example/audit\n5\n" + Root + "\nextension\n")]
    [InlineData("hub.example/audit\n5\n" + Root + "\n\n")]
    [InlineData("\n5\n" + Root + "\n")]
    [InlineData("hub example\n5\n" + Root + "\n")]
    [InlineData("hub+example\n5\n" + Root + "\n")]
    [InlineData("hüb.example\n5\n" + Root + "\n")]
    [InlineData("hub.example/audit\n05\n" + Root + "\n")]
    [InlineData("hub.example/audit\n00\n" + EmptyRoot + "\n")]
    [InlineData("hub.example/audit\n+5\n" + Root + "\n")]
    [InlineData("hub.example/audit\n-5\n" + Root + "\n")]
    [InlineData("hub.example/audit\n 5\n" + Root + "\n")]
    [InlineData("hub.example/audit\n5 \n" + Root + "\n")]
    [InlineData("hub.example/audit\n5.0\n" + Root + "\n")]
    [InlineData("hub.example/audit\n٥\n" + Root + "\n")]
    [InlineData("hub.example/audit\n\n" + Root + "\n")]
    [InlineData("hub.example/audit\n9223372036854775808\n" + Root + "\n")]
    [InlineData("hub.example/audit\n0\n" + Root + "\n")]
    [InlineData("hub.example/audit\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI\n")]
    [InlineData("hub.example/audit\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nJ=\n")]
    [InlineData("hub.example/audit\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049g==\n")]
    [InlineData("hub.example/audit\r\n5\r\n" + Root + "\r\n")]
    public void Any_other_text_is_refused(string text) =>
        Assert.False(Checkpoint.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_state_that_no_log_has_is_not_written()
    {
        var root = Naive.Leaf(0);
        Assert.Throws<InvalidOperationException>(() => new Checkpoint("a b", 1, root).ToText());
        Assert.Throws<InvalidOperationException>(() => new Checkpoint("a", -1, MerkleTree.EmptyRoot).ToText());
        Assert.Throws<InvalidOperationException>(() => new Checkpoint("a", 0, root).ToText());
    }
}
