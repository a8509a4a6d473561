namespace StreamCore.StackFlowSimulator;

/// <summary>Which faults are on, and how likely each is when there is an occasion for it. Immutable.</summary>
public sealed class Faults
{
    public static readonly Faults None = new(new double[Enum.GetValues<Fault>().Length]);

    private readonly double[] _chances;

    private Faults(double[] chances) => _chances = chances;

    /// <summary>The probability at each occasion, 0 to 1.</summary>
    public double this[Fault fault] => _chances[(int)fault];

    /// <summary>Those that are on.</summary>
    public IEnumerable<Fault> On => Enum.GetValues<Fault>().Where(fault => this[fault] > 0);

    public Faults With(Fault fault, double probability = 1)
    {
        if (probability is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(probability), "A probability is from 0 to 1.");
        var chances = (double[])_chances.Clone();
        chances[(int)fault] = probability;
        return new(chances);
    }

    /// <summary>A fault's name on a command line: its words in small letters with hyphens.</summary>
    public static string NameOf(Fault fault) =>
        string.Concat(fault.ToString().Select(static (c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    /// <summary>Finds a fault by its name on a command line.</summary>
    public static bool TryParse(string name, out Fault fault)
    {
        fault = Enum.GetValues<Fault>().FirstOrDefault(fault => NameOf(fault) == name);
        return NameOf(fault) == name;
    }

    /// <summary>One sentence on what a fault does, and when its probability is asked.</summary>
    public static string Describe(Fault fault) => fault switch
    {
        Fault.SplitReplies => "a reply reaches the client in pieces, cut anywhere, also within a character (each reply)",
        Fault.GluedReplies => "a reply is held back and reaches the client in one read with the next (each reply)",
        Fault.ThinAcknowledgements => "an acknowledgement lacks object, data and created, as with old firmware (each acknowledgement)",
        Fault.FirstFirmware => "lsmode names a model by 'model' and has strings where lists are now (each lsmode)",
        Fault.HugeModelList => "lsmode is one line of some 600 kB (each lsmode)",
        Fault.ArmScanner => "16 or more filler bytes before a message swallow it (each such message)",
        Fault.MislabelledErrors => "-11, -23 and -25 of an inference carry the unit's last control call's request id, the bare unit, and go to that call's connection (each error)",
        Fault.FrontStalls => "nobody is served for a while (each request)",
        Fault.FrontDiesOnMissingField => "a sys verb without the field it needs ends llm_sys: all connections drop, numbers start again (each such request)",
        Fault.NoMemoryInfo => "cmminfo is an unknown verb, -3 (each cmminfo)",
        Fault.GarbageMemoryInfo => "cmminfo gives numbers that mean nothing (each cmminfo)",
        Fault.ConnectionDrops => "the connection of a generation's owner is cut in mid-answer (each generation)",
        Fault.SlowHandover => "naming a task whose old owner is gone takes a second first (each handover)",
        Fault.SetupFails => "setup is answered -5 (each setup)",
        Fault.TokenizerHangs => "setup says nothing for five minutes, then -5 (each setup)",
        Fault.FirstInferenceLost => "the first inference sooner than 20 ms after setup's answer vanishes (each such inference)",
        Fault.InferenceLost => "an inference vanishes (each inference)",
        Fault.GenerationThrows => "a generation ends somewhere without a word, and without its finish (each generation)",
        Fault.GenerationStalls => "a generation says nothing for half a minute, then goes on (each generation)",
        Fault.UnitCrashes => "the unit dies in mid-answer; its tasks are gone, though llm_sys still takes inferences for them (each generation)",
        Fault.StaleSocket => "a dead unit has left its socket: a control call stalls everybody for four seconds and is not answered (each crash)",
        Fault.OverlongPromptCrashes => "a prompt beyond the prefill size kills the unit instead of giving nonsense (each such prompt)",
        Fault.TailTokensLost => "the last one or two tokens of a stream stopped by pause or length never arrive (each such stream)",
        Fault.EndMarkerAsText => "<|endoftext|> comes as text and nonsense follows it (each generation)",
        Fault.PauseLost => "a pause is acknowledged and does nothing (each pause)",
        Fault.FinishBeforePauseAcknowledgement => "the finish of a paused generation comes before the pause's acknowledgement (each pause)",
        Fault.SpeechPieceFails => "a piece of speech gives -11; the others come, but no finish if it was the last (each piece)",
        Fault.SpokenErrors => "cosy_voice ends with an English sentence in base64 instead of sound (each inference)",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
