using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Tests whose pools and devices keep to the real clock, with short waits: nothing runs beside them that could make these too short.</summary>
[CollectionDefinition(nameof(RealClock), DisableParallelization = true)]
public sealed class RealClock;
