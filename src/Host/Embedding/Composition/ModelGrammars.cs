using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Caching.Memory;
using StreamCore.Protocol;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Grammar;

namespace StreamCore.Host.Composition;

/// <summary>
/// The grammars that a model's answers were lately kept to, compiled for its tokens. Compiling takes milliseconds, rarely a second, and
/// is done on the caller's thread, never on the step loop's.
/// </summary>
internal sealed class ModelGrammars(ITokenizer tokenizer) : IDisposable
{
    /// <summary>Bytes of masks that are kept, counted as if all were full. 256 MB holds a dozen usual schemas of a vocabulary of 150,000.</summary>
    private const long MaxKeptBytes = 256 * 1024 * 1024;

    /// <summary>States whose masks are made beforehand. Beyond them, which only patterns reach, a mask is made when it is first needed.</summary>
    private const int MaxPreparedStates = 1024;

    private readonly Lazy<GrammarVocabulary> _vocabulary = new(() => new GrammarVocabulary(tokenizer));
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxKeptBytes });

    /// <summary>False where what is asked for cannot be compiled, or not for these tokens.</summary>
    /// <param name="param">The parameter that asked for it.</param>
    public bool TryGet(GrammarSpec spec, string param, [NotNullWhen(true)] out TokenGrammar? grammar, [NotNullWhen(false)] out ApiError? error)
    {
        error = null;
        if (_kept.TryGetValue(spec.Key, out grammar) && grammar is not null) return true;
        if (!GrammarApi.TryCompile(spec, GrammarLimits.Default, out var tables, out error)) return false;
        if (!TokenGrammar.TryCreate(tables, _vocabulary.Value, out grammar, out var missing))
        {
            error = ApiError.InvalidRequest(param, string.Create(CultureInfo.InvariantCulture,
                $"This model has no token for the byte {missing:x2}, which '{param}' needs."), "unsupported_value");
            return false;
        }

        grammar.Prepare(MaxPreparedStates);
        _kept.Set(spec.Key, grammar, new MemoryCacheEntryOptions { Size = tables.StateCount * (long)grammar.Vocabulary.Size / 8 });
        return true;
    }

    public void Dispose() => _kept.Dispose();
}
