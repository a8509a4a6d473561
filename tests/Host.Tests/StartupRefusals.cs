using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What is refused at start is refused with one clear line that says what to do.</summary>
public sealed class StartupRefusals : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-refusals-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("missing weights", "model.safetensors")]
    [InlineData("truncated weights", "model.safetensors")]
    [InlineData("missing config", "config.json")]
    [InlineData("missing tokenizer", "tokenizer.json")]
    [InlineData("unknown architecture", "MambaForCausalLM")]
    [InlineData("wrong shape", "shape")]
    public async Task A_broken_model_folder_is_one_clear_line(string fault, string named)
    {
        var model = Path.Combine(_folder, "model");
        RandomModel.Write(model, "llama-tiny", 1, cancellation: Stop);
        Break(model, fault);
        AssertOneLine(await ServeAsync(["--model", model]), named);
    }

    [Fact]
    public async Task A_broken_configuration_lists_every_mistake_with_its_line()
    {
        var file = Path.Combine(_folder, "streamcore.yaml");
        await File.WriteAllTextAsync(file, "server:\n  prot: 80\n  port: eighty\nmodels:\n  - path: /nowhere/at/all\n", Stop);
        var ending = await ServeAsync(["--config", file]);
        Assert.Equal(2, ending.ExitCode);
        Assert.Contains("streamcore.yaml line 2: unknown setting 'server.prot'", ending.Errors, StringComparison.Ordinal);
        Assert.Contains("streamcore.yaml line 3: 'server.port'", ending.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ending.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_ways_of_telling_calls_and_reasoning_are_told_with_the_known_ones()
    {
        var ending = await ServeAsync(["--models.0.toolSyntax", "xml", "--models.0.name", "streamcore-demo", "--generation.reasoningField", "thoughts"]);
        Assert.Equal(2, ending.ExitCode);
        Assert.Contains(
            "models[0].toolSyntax must be one of auto, none, hermes, llama, mistral, json, qwen3coder, glm, mistralv11, deepseek, deepseekv31, granite, phi4, commandr7b, but is 'xml'.",
            ending.Errors, StringComparison.Ordinal);
        Assert.Contains("generation.reasoningField must be reasoning_content or reasoning, but is 'thoughts'.", ending.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_out_of_its_range_is_told()
    {
        var ending = await ServeAsync(["--scheduler.speculation.maxDraftTokens", "1000"]);
        Assert.Equal(2, ending.ExitCode);
        Assert.Contains("scheduler.speculation: The field MaxDraftTokens must be between 0 and 128.", ending.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_not_yaml_is_one_clear_line()
    {
        var file = Path.Combine(_folder, "streamcore.yaml");
        await File.WriteAllTextAsync(file, "server: [1, 2\nmodels: }", Stop);
        var ending = await ServeAsync(["--config", file]);
        Assert.Equal(2, ending.ExitCode);
        Assert.Contains("not valid YAML", Assert.Single(Lines(ending.Errors)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_is_one_clear_line()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;
        AssertOneLine(await ServerProgram.RunAsync(["--listen", "127.0.0.1", "--port", $"{port}"], Stop), $"Port {port}");
    }

    [Fact]
    public async Task A_server_without_an_address_is_one_clear_line() =>
        AssertOneLine(await ServerProgram.RunAsync(["--listen", "[]"], Stop), "server.listen");

    [Fact]
    public async Task A_missing_native_library_is_one_clear_line()
    {
        AssertOneLine(await ServeAsync(["--engine.libraryPath", "/nowhere/libonnxruntime.so"]), "/nowhere/libonnxruntime.so");
    }

    private static Task<ServerProgram.Ending> ServeAsync(string[] flags) =>
        ServerProgram.RunAsync([.. flags, "--listen", "127.0.0.1", "--port", "0"], Stop);

    private static void AssertOneLine(ServerProgram.Ending ending, string named)
    {
        Assert.Equal(1, ending.ExitCode);
        var line = Assert.Single(Lines(ending.Errors));
        Assert.StartsWith("streamcore: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static void Break(string model, string fault)
    {
        var weights = Path.Combine(model, "model.safetensors");
        switch (fault)
        {
            case "missing weights": File.Delete(weights); break;
            case "missing config": File.Delete(Path.Combine(model, "config.json")); break;
            case "missing tokenizer": File.Delete(Path.Combine(model, "tokenizer.json")); break;
            case "truncated weights":
                using (var file = File.OpenWrite(weights)) file.SetLength(file.Length - 100);
                break;
            case "unknown architecture": Edit(model, config => config["architectures"] = new JsonArray("MambaForCausalLM")); break;
            case "wrong shape": Edit(model, config => config["intermediate_size"] = 72); break;
        }
    }

    private static void Edit(string model, Action<JsonObject> change)
    {
        var path = Path.Combine(model, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }
}
