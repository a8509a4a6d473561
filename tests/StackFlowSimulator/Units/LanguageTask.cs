using System.Text;
using StreamCore.StackFlowSimulator.Front;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>
/// A task of llm or vlm. llm runs one inference and keeps three; a further one is dropped. It unescapes its text, and labels all it says by
/// the latest request id. vlm runs inferences on its receiving thread, each with its own id, takes images before the text, and unescapes nothing.
/// </summary>
internal sealed class LanguageTask(Unit unit, TaskSettings settings) : UnitTask(unit, settings)
{
    private const int TokensPerDelta = 3;
    private const int MaxWaiting = 3;
    private const int CacheTokens = 1023;
    private const int DefaultMaxTokens = 127;
    private const int PrefillSteps = 4;
    private const string ResetWord = "reset";
    private const string Nonsense = "nonsense";

    private readonly bool _seesImages = unit.Name == "vlm";
    private readonly bool _keepsContext = settings.Model.PrecomputeTokens > 0;
    private readonly string _system = settings.Text("system_prompt", "") is { Length: > 0 } system ? system : settings.Text("prompt", "");
    private readonly int _maxTokens = Math.Min(settings.Number("max_token_len") ?? DefaultMaxTokens, CacheTokens);
    private readonly Queue<string> _waiting = new();
    private readonly List<string> _turns = [];
    private readonly List<byte[]> _images = [];
    private readonly InferenceData _text = new(), _image = new();
    private Task _running = Task.CompletedTask;
    private bool _isGenerating, _isToStop;

    public override bool IsBusy => !_running.IsCompleted;

    public override bool CanPause => true;

    private SimulatedModel Model => Settings.Model;

    public override Task Pause()
    {
        _isToStop = true;
        return _isGenerating ? _running : Task.CompletedTask;
    }

    public override async Task EndAsync()
    {
        _isToStop = true;
        await base.EndAsync();
        await _running;
    }

    protected override async Task InferAsync(Request request)
    {
        if (!Hears(Unit.Name)) return;
        var isImage = _seesImages && (request.Field("object").Text ?? "").Contains("jpeg", StringComparison.Ordinal);
        var (code, message) = (isImage ? _image : _text).Take(request, out var text);
        if (code != 0)
        {
            await Unit.FailInferenceAsync(code, message, request);
            return;
        }

        if (text is null) return;
        byte[]? bytes = null;
        if (isImage || InferenceData.IsBase64(request))
        {
            bytes = InferenceData.FromBase64(text);
            if (bytes is null)
            {
                await Unit.FailInferenceAsync(-23, "Base64 decoding error.", request);
                return;
            }
        }

        if (isImage) TakeImage(bytes!);
        else await TakeTextAsync(bytes is null ? text : Encoding.UTF8.GetString(bytes), request.RequestId);
    }

    private void TakeImage(byte[] image)
    {
        // Older models know one image, and the last one wins.
        if (!_keepsContext && !Model.Name.StartsWith("qwen3-vl", StringComparison.Ordinal)) _images.Clear();
        _images.Add(image);
    }

    private async Task TakeTextAsync(string escaped, string requestId)
    {
        var text = _seesImages ? escaped : Escapes.Undo(escaped);
        if (text is null or "")
        {
            Life.Device.Mistake(WorkId + (text is null ? " was sent an escaped surrogate" : " was sent an empty text"));
            return;
        }

        if (IsBusy) Life.Device.Mistake($"{WorkId} was sent an inference while another ran");
        if (_seesImages)
        {
            await (_running = GenerateAsync(text, () => requestId));
            return;
        }

        if (!IsBusy) _running = RunAsync(text);
        else if (_waiting.Count < MaxWaiting) _waiting.Enqueue(text);
    }

    /// <summary>Runs the first inference, and then those that came to wait.</summary>
    private async Task RunAsync(string text)
    {
        await GenerateAsync(text, () => RequestId);
        while (_waiting.TryDequeue(out var next)) await GenerateAsync(next, () => RequestId);
    }

    private async Task GenerateAsync(string text, Func<string> requestId)
    {
        await Unit.Wait(Life.Pace.Tokenise);
        if (_keepsContext && text == ResetWord)
        {
            _turns.Clear();
            if (IsStream) SendDelta("", true, requestId());
            else Send(Reply.Quote("Context has been reset."), requestId());
            return;
        }

        if (_images.Any(static image => !IsImage(image)))
        {
            Life.Device.Mistake($"{WorkId} was sent an image that cannot be decoded");
            _images.Clear();
            return;
        }

        var generation = Begin(text);
        _isToStop = false;
        _isGenerating = true;
        try
        {
            await PrefillAsync(generation.Images);
            await SayAsync(generation, requestId);
        }
        finally
        {
            _isGenerating = false;
        }
    }

    private Generation Begin(string text)
    {
        _turns.Add(text);
        if (!_keepsContext || CountTokens() > Model.PrecomputeTokens) _turns.RemoveRange(0, _turns.Count - 1);
        var seen = SimulatedText.Seen(Model.Name, _system, _turns, _images);
        var count = CountTokens();
        IReadOnlyList<string> tokens = SimulatedText.Tokens(Model.Name, seen);
        if (!_keepsContext && count > Model.PrefillTokens)
        {
            Life.Device.Mistake($"{WorkId} was sent a prompt of {count} tokens and takes {Model.PrefillTokens}");
            if (Life.Chance(Fault.OverlongPromptCrashes)) Unit.Crash();
            tokens = SimulatedText.Tokens(Model.Name, Nonsense);
        }

        Life.Device.Began(new(WorkId, Model.Name, seen, string.Concat(tokens)));
        if (Life.Chance(Fault.EndMarkerAsText)) tokens = [.. tokens, "<|endoftext|>", .. SimulatedText.Tokens(Model.Name, Nonsense)];
        var images = _images.Count;
        _images.Clear();
        return new(tokens, images, _keepsContext ? int.MaxValue : Math.Max(1, _maxTokens - count));

        int CountTokens() => SimulatedText.CountTokens(SimulatedText.Seen(Model.Name, _system, _turns, _images)) + (_images.Count * ImageTokens(Model.Name));
    }

    private async Task PrefillAsync(int images)
    {
        await Unit.Wait(images * (Life.Pace.Image ?? Model.Image));
        var step = (Life.Pace.Prefill ?? Model.Prefill) / PrefillSteps;
        for (var i = 0; i < PrefillSteps && !_isToStop; i++) await Unit.Wait(step);
    }

    private async Task SayAsync(Generation generation, Func<string> requestId)
    {
        var mishaps = new Mishaps(Life, generation.Tokens.Count);
        var (said, pending, count) = (new StringBuilder(), new StringBuilder(), 0);
        foreach (var (i, token) in generation.Tokens.Index())
        {
            if (_isToStop || i == generation.MaxTokens) break;
            await Unit.Wait(Life.Pace.Token ?? Model.Token);
            if (await mishaps.StrikeAsync(i, Unit, Owner)) return;
            said.Append(token);
            pending.Append(token);
            if (++count < TokensPerDelta || token.Length == 0) continue;
            if (IsStream) SendDelta(pending.ToString(), false, requestId());
            pending.Clear();
            count = 0;
        }

        if (!IsStream)
        {
            Send(Reply.Quote(said.ToString()), requestId());
            return;
        }

        var isCut = _isToStop || generation.Tokens.Count > generation.MaxTokens;
        if (pending.Length > 0 && !(isCut && Life.Chance(Fault.TailTokensLost))) SendDelta(pending.ToString(), false, requestId());
        SendDelta("", true, requestId());
    }

    /// <summary>Tokens of the prefill that an image takes.</summary>
    private static int ImageTokens(string model) => model.Contains("364", StringComparison.Ordinal) ? 169 : 64;

    /// <summary>What the simulator takes for an image that can be decoded: JPEG, PNG, WebP or BMP by its first bytes.</summary>
    private static bool IsImage(byte[] image) =>
        image.AsSpan().StartsWith(new byte[] { 0xFF, 0xD8, 0xFF })
        || image.AsSpan().StartsWith(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' })
        || image.AsSpan().StartsWith("RIFF"u8) || image.AsSpan().StartsWith("BM"u8);

    private sealed record Generation(IReadOnlyList<string> Tokens, int Images, int MaxTokens);
}
