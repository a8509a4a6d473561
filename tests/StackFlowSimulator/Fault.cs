namespace StreamCore.StackFlowSimulator;

/// <summary>What can be switched on, each alone. Off is the harmless behaviour; see <see cref="Faults"/> for what each does.</summary>
public enum Fault
{
    // What is on the wire
    SplitReplies,
    GluedReplies,
    ThinAcknowledgements,
    FirstFirmware,
    HugeModelList,
    ArmScanner,
    MislabelledErrors,

    // The front process
    FrontStalls,
    FrontDiesOnMissingField,
    NoMemoryInfo,
    GarbageMemoryInfo,
    ConnectionDrops,
    SlowHandover,

    // Setup and tasks
    SetupFails,
    TokenizerHangs,
    FirstInferenceLost,
    InferenceLost,

    // Generation
    GenerationThrows,
    GenerationStalls,
    UnitCrashes,
    StaleSocket,
    OverlongPromptCrashes,
    TailTokensLost,
    EndMarkerAsText,
    PauseLost,
    FinishBeforePauseAcknowledgement,

    // Speech
    SpeechPieceFails,
    SpokenErrors,
}
