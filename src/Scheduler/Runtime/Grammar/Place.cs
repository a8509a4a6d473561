namespace StreamCore.Scheduler.Grammar;

/// <summary>Where a grammar may stand: a state, the frame to return through, and in the rule of strings what is left to count.</summary>
/// <param name="Minimum">Characters of a string that must still come.</param>
/// <param name="Maximum">Characters that still may.</param>
internal readonly record struct Place(int State, int Frame, int Minimum, int Maximum);
