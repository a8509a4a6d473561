using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>What goes wrong in one generation, and at which token.</summary>
internal sealed class Mishaps(Life life, int tokens)
{
    private readonly int _throws = At(life, Fault.GenerationThrows, tokens);
    private readonly int _stalls = At(life, Fault.GenerationStalls, tokens);
    private readonly int _crashes = At(life, Fault.UnitCrashes, tokens);
    private readonly int _drops = At(life, Fault.ConnectionDrops, tokens);

    /// <summary>Has happen what is due at this token. True if the generation is over without a word.</summary>
    public async Task<bool> StrikeAsync(int token, Unit unit, int owner)
    {
        if (token == _crashes) unit.Crash();
        if (token == _drops) life.Front.Drop(owner);
        await unit.Wait(token == _stalls ? life.Pace.GenerationStall : TimeSpan.Zero);
        return token == _throws;
    }

    private static int At(Life life, Fault fault, int tokens) => life.Chance(fault) ? life.Draw(fault, tokens) : -1;
}
