using System.Globalization;
using Microsoft.Extensions.Caching.Memory;
using StreamCore.Protocol;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;

namespace StreamCore.Host.Composition;

/// <summary>
/// The grammars that a model's answers were lately kept to, compiled for its tokens. Compiling takes milliseconds, rarely a second or two;
/// it is done one at a time on the caller's thread, never on the step loop's, so that many costly ones cannot take all processors.
/// </summary>
internal sealed class ModelGrammars(ITokenizer tokenizer) : IDisposable
{
    /// <summary>Bytes of masks that are kept, counted as if all were full. 256 MB holds a dozen usual schemas of a vocabulary of 150,000.</summary>
    private const long MaxKeptBytes = 256 * 1024 * 1024;

    /// <summary>Time for masks that are made beforehand: usual schemas take a third of it at most. Others' are made when they are first needed.</summary>
    private static readonly TimeSpan PreparingTime = TimeSpan.FromSeconds(1);

    private readonly Lazy<GrammarVocabulary> _vocabulary = new(() => new GrammarVocabulary(tokenizer));
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxKeptBytes });
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The grammar; or why it cannot be compiled, or not for these tokens.</summary>
    /// <param name="param">The parameter that asked for it.</param>
    /// <param name="leaving">Nobody waits for it any more.</param>
    public async ValueTask<(TokenGrammar? Grammar, ApiError? Error)> GetAsync(GrammarSpec spec, string param, CancellationToken leaving)
    {
        var key = spec.Key;
        if (_kept.TryGetValue(key, out TokenGrammar? kept)) return (kept, null);
        await _turn.WaitAsync(leaving);
        try
        {
            // Who had the turn before may have wanted the same.
            return _kept.TryGetValue(key, out kept) ? (kept, null) : Make(spec, key, param);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _kept.Dispose();
        _turn.Dispose();
    }

    private (TokenGrammar? Grammar, ApiError? Error) Make(GrammarSpec spec, string key, string param)
    {
        if (!GrammarApi.TryCompile(spec, GrammarLimits.Default, out var tables, out var error)) return (null, error);
        if (!TokenGrammar.TryCreate(tables, _vocabulary.Value, out var grammar, out var missing))
            return (null, ApiError.InvalidRequest(param, string.Create(CultureInfo.InvariantCulture,
                $"This model has no token for the byte {missing:x2}, which '{param}' needs."), "unsupported_value"));

        grammar.Prepare(PreparingTime);
        _kept.Set(key, grammar, new MemoryCacheEntryOptions { Size = tables.StateCount * (long)grammar.Vocabulary.Size / 8 });
        return (grammar, null);
    }
}
