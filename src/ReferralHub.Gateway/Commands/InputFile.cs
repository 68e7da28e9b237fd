using System.Text.Json;

namespace ReferralHub.Gateway.Commands;

/// <summary>Reads what a person wrote as JSON.</summary>
internal static class InputFile
{
    private const long MaxBytes = 4 << 20;

    public static async Task<T> ReadAsync<T>(string file, CancellationToken ct)
        where T : class
    {
        if (!File.Exists(file)) throw Cli.Malformed($"FILE {file}: there is no such file.");
        await using var stream = File.OpenRead(file);
        if (stream.CanSeek && stream.Length > MaxBytes) throw Cli.Malformed($"FILE {file}: more than {MaxBytes} bytes.");
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(stream, LocalJson.Options, ct)
                ?? throw Cli.Malformed($"FILE {file}: null.");
        }
        catch (JsonException e)
        {
            throw Cli.Malformed($"FILE {file}, line {e.LineNumber + 1}: {e.Path} is not as expected. {e.Message}");
        }
    }
}
