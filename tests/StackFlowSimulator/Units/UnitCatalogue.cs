using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>The units that are simulated.</summary>
internal static class UnitCatalogue
{
    public static readonly IReadOnlyList<string> Names = ["llm", "vlm"];

    public static Unit Create(Life life, string name) => name switch
    {
        "llm" => new Unit(life, name, 2, static (unit, settings) => new LanguageTask(unit, settings)),
        "vlm" => new Unit(life, name, 2, static (unit, settings) => new LanguageTask(unit, settings)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
