using System.Diagnostics;
using StreamCore.TestKit;

namespace StreamCore.Host.Tests;

/// <summary>Runs the built server program as a user would.</summary>
internal static class ServerProgram
{
    public sealed record Ending(int ExitCode, string Output, string Errors);

    public static async Task<Ending> RunAsync(string[] arguments, CancellationToken stop, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(stop);
            var errors = process.StandardError.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromMinutes(2), stop);
            return new Ending(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Starts the program; its outputs are the caller's to read, and its end the caller's to see to.</summary>
    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var program = Path.Combine(Repository.Root, "artifacts", "bin", "StreamCore.Server", "debug", "streamcore.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
