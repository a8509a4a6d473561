namespace StreamCore.Host.Composition;

/// <summary>The small model that is served when nothing else is configured. Its recipe is in <c>src/Host/DemoModel</c>.</summary>
internal static class BuiltInModel
{
    public const string Name = "streamcore-demo";

    public static ModelOptions Options => new() { Name = Name };

    /// <summary>What an entry without a path stands for.</summary>
    public static ModelOptions Resolve(ModelOptions model) => model.Path.Length > 0 ? model : new ModelOptions
    {
        Name = Name,
        Path = Path.Combine(AppContext.BaseDirectory, "DemoModel"),
        Weights = "float32",
        Load = model.Load,
        KeepAlive = model.KeepAlive,
        Threads = model.Threads,
        DefaultMaxTokens = model.DefaultMaxTokens,
        MaxTokensCeiling = model.MaxTokensCeiling,
    };
}
