using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Host.Configuration;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>How memory and the loading of models are configured, and what is refused.</summary>
public sealed class MemorySettings : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-memory-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_setting_all_models_are_loaded_at_start_and_stay()
    {
        var (options, mistakes) = Read("models:\n  - name: streamcore-demo\n");
        Assert.Empty(mistakes);
        Assert.Null(options.Memory.Budget);
        Assert.Equal((ModelLoad.Start, null, null), (options.Models[0].Load, options.Models[0].KeepAlive, options.Models[0].Threads));
    }

    [Theory]
    [InlineData("8GB", 8_000_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("512MiB", 536_870_912)]
    [InlineData("250000KB", 250_000_000)]
    [InlineData("1000000", 1_000_000)]
    public void A_budget_is_a_number_of_bytes_with_or_without_a_unit(string text, long bytes)
    {
        var (options, mistakes) = Read($"memory:\n  budget: {text}\n  loadTimeout: 90s\nmodels:\n  - name: streamcore-demo\n    load: demand\n    keepAlive: 10m\n    threads: 2\n");
        Assert.Empty(mistakes);
        Assert.Equal((bytes, TimeSpan.FromSeconds(90)), (options.Memory.Budget, options.Memory.LoadTimeout));
        Assert.Equal((ModelLoad.Demand, TimeSpan.FromMinutes(10), 2), (options.Models[0].Load, options.Models[0].KeepAlive, options.Models[0].Threads));
    }

    [Theory]
    [InlineData("memory:\n  budget: much\n", "file line 2: 'memory.budget' must be a number of bytes such as 512MB, but is 'much'.")]
    [InlineData("memory:\n  budget: 8G\n", "file line 2: 'memory.budget' must be a number of bytes such as 512MB, but is '8G'.")]
    [InlineData("memory:\n  budget: 99999999TB\n", "file line 2: 'memory.budget' must be a number of bytes such as 512MB, but is '99999999TB'.")]
    [InlineData("memory:\n  budget: 0\n", "memory.budget must be positive; leave it out for no limit.")]
    [InlineData("memory:\n  loadTimeout: 0\n", "memory.loadTimeout must be positive, and no more than 24h.")]
    [InlineData("models:\n  - name: streamcore-demo\n    load: later\n", "file line 3: 'models.0.load' must be one of Start, Demand, but is 'later'.")]
    [InlineData("models:\n  - name: streamcore-demo\n    keepAlive: soon\n", "file line 3: 'models.0.keepAlive' must be a duration such as 30s, but is 'soon'.")]
    [InlineData("models:\n  - name: streamcore-demo\n    threads: 0\n", "models[0].threads must be positive; leave it out for engine.threads.")]
    public void What_cannot_be_is_refused_with_its_place(string text, string mistake) => Assert.Equal([mistake], Read(text).Mistakes);

    [Fact]
    public async Task A_model_that_can_never_fit_is_refused_at_start_with_the_numbers()
    {
        var model = Path.Combine(_folder, "model");
        RandomModel.Write(model, "llama-tiny", 1, cancellation: Stop);
        var ending = await ServerProgram.RunAsync(
            ["--model", model, "--name", "large", "--weights", "float32", "--memory.budget", "10MB", "--listen", "127.0.0.1", "--port", "0"], Stop);
        Assert.Equal(1, ending.ExitCode);
        Assert.Matches(
            @"^streamcore: The model 'large' takes up to \d+ MB \(weights \d+ MB, cache \d+ MB, working memory \d+ MB\), but memory.budget is 10 MB: raise it, or lower engine.cacheBytes.\s*$",
            ending.Errors);
    }

    [Fact]
    public async Task Models_that_do_not_fit_together_at_start_are_refused_with_the_numbers()
    {
        var fault = await Assert.ThrowsAsync<StartupException>(() => OwnServer.StartAsync(Stop, options =>
        {
            RandomModel.Write(Path.Combine(_folder, "source"), "llama-tiny", 1, cancellation: Stop);
            ModelImporter.Import(Path.Combine(_folder, "source"), Path.Combine(_folder, "imported"), WeightFormat.Float32, cancellation: Stop);
            options.Models = [Tiny("a"), Tiny("b"), Tiny("c", ModelLoad.Demand)];
            options.Memory.Budget = OnnxMemory.Of(Path.Combine(_folder, "imported"), options.Engine).TotalBytes * 3 / 2;
        }));
        Assert.Matches(
            @"^The models that are loaded at start take up to \d+ MB together \('a' \d+ MB, 'b' \d+ MB\), but memory.budget is \d+ MB: raise it, or set load: demand for some of them.$",
            fault.Message);
    }

    private ModelOptions Tiny(string name, ModelLoad load = ModelLoad.Start) =>
        new() { Name = name, Path = Path.Combine(_folder, "imported"), Load = load };

    private static (StreamCoreOptions Options, List<string> Mistakes) Read(string text)
    {
        var (options, settings, mistakes) = (new StreamCoreOptions(), new List<Setting>(), new List<string>());
        YamlSettings.Read(text, "file", settings, mistakes);
        SettingsBinder.Bind(options, settings, mistakes);
        if (mistakes.Count == 0) OptionsRules.Check(options, mistakes);
        return (options, mistakes);
    }
}
