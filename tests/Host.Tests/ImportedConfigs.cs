using System.Collections;
using StreamCore.Host.Configuration;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary><c>streamcore import-config</c> takes over what it can of ModuleLLM-OpenAI-Plugin's file, and tells the rest.</summary>
public sealed class ImportedConfigs : IDisposable
{
    private const string Plugin = """
        server:
          host: 192.168.20.16
          port: 10001
          timeout: 5
        models:
          qwen2.5-0.5B-p256-ax630c:
            host: 192.168.20.16
            port: 10001
            type: llm
            input: llm.utf-8
            model_name: qwen2.5-0.5B-p256-ax630c
            response_format: llm.utf-8.stream
            object: llm.setup
            system_prompt: "You are \"brief\" \\ kind."
            memory_required: 560460
            pool_size: 2
            max_context_length: 256
          eyes:
            host: 192.168.20.17
            port: 10002
            type: vlm
            model_name: internvl2.5-1B-364-ax630c
            pool_size: 1
          melotts-en-us:
            type: tts
            object: melotts.setup
          whisper-tiny:
            type: asr
          gpt:
            type: openai_proxy
            api_key: sk-secret
            base_url: https://api.example.com
          vision:
            type: vision_model
        logging: debug
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-import-config-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Source => Path.Combine(_folder, "config.yaml");

    private string Target => Path.Combine(_folder, "streamcore.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Devices_and_language_models_are_taken_over()
    {
        Assert.Equal(0, (await ImportAsync(Plugin)).ExitCode);
        var options = StreamCoreConfiguration.Load(["--config", Target], new Hashtable());
        Assert.Equal([("192.168.20.16", 10001), ("192.168.20.17", 10002)], options.StackFlow.Devices.Select(device => (device.Host, device.Port)));
        var text = Assert.Single(options.StackFlow.Devices[0].Models);
        Assert.Equal(
            ("qwen2.5-0.5B-p256-ax630c", "", "llm", 2, 256, 560460 * 1024L, "You are \"brief\" \\ kind."),
            (text.Model, text.Name, text.Unit, text.PoolSize, text.MaxPromptTokens, text.Memory, text.Prompt));
        var eyes = Assert.Single(options.StackFlow.Devices[1].Models);
        Assert.Equal(("internvl2.5-1B-364-ax630c", "eyes", "vlm", 1), (eyes.Model, eyes.Name, eyes.Unit, eyes.PoolSize));
    }

    [Fact]
    public async Task Every_line_is_told_of_and_no_value_that_may_be_a_secret()
    {
        var ending = await ImportAsync(Plugin);
        Assert.Contains("config.yaml line 2: server.host -> stackFlow.devices[0].host", ending.Output, StringComparison.Ordinal);
        Assert.Contains("models.eyes.model_name -> stackFlow.devices[1].models[0].model, served under the name 'eyes' as before", ending.Output, StringComparison.Ordinal);
        var left = ending.Output[ending.Output.IndexOf("Not taken over:", StringComparison.Ordinal)..];
        foreach (var place in new[] { "server.timeout", "response_format", "models.melotts-en-us", "models.whisper-tiny", "models.gpt", "models.vision", "logging" })
            Assert.Contains(place, left, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-secret", ending.Output, StringComparison.Ordinal);

        // Each line of the file that holds a value is in the report, or below an entry that is.
        for (var line = 1; line <= Plugin.Split('\n').Length; line++)
        {
            var text = Plugin.Split('\n')[line - 1];
            if (text.TrimEnd().EndsWith(':') || IsBelowLeftEntry(line)) continue;
            Assert.Contains($"config.yaml line {line}: ", ending.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_without_models_is_the_device_alone()
    {
        var ending = await ImportAsync("server:\n  host: 127.0.0.1\n  port: 10001\n");
        Assert.Equal(0, ending.ExitCode);
        Assert.Contains("Nothing was left out.", ending.Output, StringComparison.Ordinal);
        var device = Assert.Single(StreamCoreConfiguration.Load(["--config", Target], new Hashtable()).StackFlow.Devices);
        Assert.Equal(("127.0.0.1", 10001, 0), (device.Host, device.Port, device.Models.Count));
    }

    [Fact]
    public async Task Nothing_is_written_over()
    {
        await File.WriteAllTextAsync(Target, "server:\n  port: 1\n", Stop);
        var ending = await ImportAsync(Plugin);
        Assert.Equal(1, ending.ExitCode);
        Assert.Contains("exists already", ending.Errors, StringComparison.Ordinal);
        Assert.Equal("server:\n  port: 1\n", await File.ReadAllTextAsync(Target, Stop));
    }

    [Theory]
    [InlineData("a: [1", "not valid YAML")]
    [InlineData("logging: debug", "neither 'server:' nor 'models:'")]
    [InlineData("", "neither 'server:' nor 'models:'")]
    public async Task Another_file_is_one_clear_line(string text, string said)
    {
        var ending = await ImportAsync(text);
        Assert.Equal(1, ending.ExitCode);
        Assert.Contains(said, ending.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ending.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task Values_that_cannot_be_served_are_told_at_once()
    {
        var ending = await ImportAsync("server:\n  host: 10.0.0.5\nmodels:\n  m:\n    type: llm\n    pool_size: 0\n");
        Assert.Equal(1, ending.ExitCode);
        Assert.Contains("has to be mended", ending.Errors, StringComparison.Ordinal);
        Assert.Contains("PoolSize", ending.Errors, StringComparison.Ordinal);
    }

    /// <summary>The fields of an entry whose type has no counterpart.</summary>
    private static bool IsBelowLeftEntry(int line)
    {
        var lines = Plugin.Split('\n');
        if (!lines[line - 1].StartsWith("    ", StringComparison.Ordinal)) return false;
        var entry = line - 1;
        while (lines[entry].StartsWith("    ", StringComparison.Ordinal)) entry--;
        return lines[entry].Trim() is "melotts-en-us:" or "whisper-tiny:" or "gpt:" or "vision:";
    }

    private async Task<ServerProgram.Ending> ImportAsync(string text)
    {
        await File.WriteAllTextAsync(Source, text, Stop);
        return await ServerProgram.RunAsync(["import-config", Source, "--to", Target], Stop);
    }
}
