using System.Diagnostics;
using System.Globalization;

namespace StreamCore.EngineBench;

/// <summary>llama.cpp's own measure of the same work: llama-batched-bench, whose path is given.</summary>
internal static class Peer
{
    /// <summary>Tokens per second of prompt processing.</summary>
    public static double Prefill(string program, string file, string flags, Options options) =>
        Run(program, file, flags, options, options.Prefill, 1, 1).Prompt;

    /// <summary>Tokens per second of sequences that decode together, each with its own prompt.</summary>
    public static double Decode(string program, string file, string flags, Options options, int sequences) =>
        Run(program, file, flags, options, options.Context, options.Tokens, sequences).Decode;

    private static (double Prompt, double Decode) Run(
        string program, string file, string flags, Options options, int prompt, int tokens, int sequences)
    {
        string[] numbers = [.. new[] { (prompt + tokens + 8) * sequences, prompt, tokens, sequences, options.Threads }
            .Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var start = new ProcessStartInfo(program,
            ["-m", file, "-c", numbers[0], "-npp", numbers[1], "-ntg", numbers[2], "-npl", numbers[3], "-t", numbers[4],
                .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        // ik_llama.cpp prints the table among its messages.
        var messages = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + messages.GetAwaiter().GetResult();
        process.WaitForExit();
        // | PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s | S_TG t/s | T s | S t/s |
        var row = output.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .LastOrDefault(cells => cells.Length == 10 && double.TryParse(cells[5], CultureInfo.InvariantCulture, out _))
            ?? throw new InvalidOperationException($"'{program}' printed no result; it ended with code {process.ExitCode}:\n{output}");
        return (double.Parse(row[5], CultureInfo.InvariantCulture), double.Parse(row[7], CultureInfo.InvariantCulture));
    }
}
