namespace ReferralHub.Tests.Cryptography.Log;

/// <summary>The project carries the shared worked examples, so that the group fast can check them: here, that they are the same.</summary>
[Trait("group", "vectors")]
public sealed class SharedExampleTests
{
    [Theory]
    [InlineData("note-tlog", 9)]
    [InlineData("padme", 1)]
    public void Every_file_is_the_one_that_the_project_carries_and_checks(string set, int files)
    {
        var tally = new Tally($"{set} files");
        foreach (var file in Directory.GetFiles(SharedVectors.Find(set)))
        {
            Assert.Equal(File.ReadAllBytes(file), Vectors.Read(set, Path.GetFileName(file)));
            tally.Ran(accepted: true);
        }

        tally.Close(files, files, files);
    }
}
