namespace StreamCore.LoadTests.Stub;

/// <summary>How the stub behaves: known figures, against which the driver's can be held.</summary>
/// <param name="Port">0 takes a free one.</param>
/// <param name="FirstMilliseconds">From a request's turn to its first token.</param>
/// <param name="StepMilliseconds">Between tokens.</param>
/// <param name="Slots">Requests that run at once; others wait for their turn.</param>
/// <param name="RefuseEvery">The last of each so many requests for an answer gets status 429; 0 refuses none.</param>
internal sealed record StubSettings(
    int Port = 0, int FirstMilliseconds = 20, int StepMilliseconds = 10, int Slots = int.MaxValue, int RefuseEvery = 0);
