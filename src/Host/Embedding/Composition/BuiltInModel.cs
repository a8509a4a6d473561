namespace StreamCore.Host.Composition;

/// <summary>The small model that is served when nothing else is configured. Its recipe is in <c>src/Host/DemoModel</c>.</summary>
internal static class BuiltInModel
{
    public static ModelOptions Options => new()
    {
        Name = "streamcore-demo",
        Path = Path.Combine(AppContext.BaseDirectory, "DemoModel"),
        Weights = "float32",
    };
}
