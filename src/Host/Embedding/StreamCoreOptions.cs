using StreamCore.Engines.Onnx;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;
using StreamCore.Transport;

namespace StreamCore.Host;

/// <summary>
/// Everything that can be configured: from <c>streamcore.yaml</c>, environment variables, flags, or code.
/// Read once, at start; the nested classes document each setting.
/// </summary>
public sealed class StreamCoreOptions
{
    public ListenOptions Server { get; set; } = new();

    /// <summary>The models to serve. When neither one nor a device is given the built-in <c>streamcore-demo</c> is served.</summary>
    public List<ModelOptions> Models { get; set; } = [];

    /// <summary>Other names for models: alias to model name; <c>*</c> stands for every name that is not known otherwise. None by
    /// default: a client is told which model it talks to, and an unknown name is 404.</summary>
    public Dictionary<string, string> Aliases { get; set; } = [];

    /// <summary>StackFlow devices whose models are served beside <see cref="Models"/>, or instead of them.</summary>
    public StackFlowOptions StackFlow { get; set; } = new();

    /// <summary>How much the pool of devices of one model takes on.</summary>
    public SessionSchedulerOptions Pools { get; set; } = new();

    public GenerationOptions Generation { get; set; } = new();

    public SchedulerOptions Scheduler { get; set; } = new();

    public OnnxOptions Engine { get; set; } = new();

    public MemoryOptions Memory { get; set; } = new();

    public TransportOptions Http { get; set; } = new();
}

/// <summary>Where the server listens, to whom, and how it stops.</summary>
public sealed class ListenOptions
{
    /// <summary>
    /// IP addresses. Both loopback families by default, because <c>localhost</c> is one on some systems and the other on others.
    /// A family that the machine lacks is skipped when at least one address can be bound. With none and no <see cref="UnixSocket"/>
    /// nothing is opened, and only the program that embeds StreamCore reaches it, through <see cref="StreamCoreHost.CreateHandler"/>.
    /// </summary>
    public List<string> Listen { get; set; } = ["127.0.0.1", "::1"];

    /// <summary>TCP port; 0 takes a free one.</summary>
    public int Port { get; set; } = 8000;

    /// <summary>
    /// Path of a Unix socket to listen on as well; who may write to the file may connect. None by default. Spoken to without TLS:
    /// nothing leaves the machine.
    /// </summary>
    public string UnixSocket { get; set; } = "";

    /// <summary>TLS for all TCP addresses; off while no certificate is named, since loopback needs none.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>
    /// Keys of which clients must send one, as <c>Authorization: Bearer</c> or <c>x-api-key</c>: each the key itself, or
    /// <c>sha256:</c> and its SHA-256 hash in hexadecimal, so that the file holds no secret. Only hashes are kept.
    /// None by default: only this machine can reach the default addresses. Wider ones need keys or <see cref="AllowAnonymous"/>.
    /// </summary>
    public List<string> ApiKeys { get; set; } = [];

    /// <summary>Serve other machines without keys. False by default, so that nobody opens a server to the world by accident; no effect when there are keys.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// Origins whose pages may call the server from a browser, such as <c>https://chat.example.com</c>; <c>*</c> for all, <c>null</c> for
    /// pages opened from a file. None by default: any page the user visits could otherwise use a server without keys.
    /// </summary>
    public List<string> CorsOrigins { get; set; } = [];

    /// <summary>
    /// A stream on which nothing was sent for so long gets a comment, which clients skip. 10 s: below the shortest idle timeouts
    /// that proxies and clients commonly have (30 s), with room for one lost. 0 sends none.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the port stays open at least after the server was told to stop; <c>/ready</c> and new requests get 503 from it.
    /// 0: no longer than answers run, so that Ctrl+C ends an idle server at once. Behind a balancer, twice its probe's interval.
    /// </summary>
    public TimeSpan DrainNotice { get; set; }

    /// <summary>How long running answers may go on after the server was told to stop; what is left then ends with an error event.
    /// 20 s: below the 30 s that orchestrators commonly grant before they kill.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>The server's certificate. Read at start: a renewed one needs a restart.</summary>
public sealed class TlsOptions
{
    /// <summary>A PEM file, the server's certificate first and those between it and the root behind it; or a <c>.pfx</c> or <c>.p12</c> file. Empty: no TLS.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>The PEM file of the private key. Empty: it is in the certificate's file.</summary>
    public string Key { get; set; } = "";

    /// <summary>What the key or the <c>.pfx</c> file is locked with. Empty: it is not. Better given by environment variable than in a file.</summary>
    public string Password { get; set; } = "";
}

/// <summary>One model to serve.</summary>
public sealed class ModelOptions
{
    /// <summary>The name clients ask for. When empty, the name of the folder (for an ONNX file, of its model's folder), or of the file
    /// without its extension.</summary>
    public string Name { get; set; } = "";

    /// <summary>A folder made by <c>streamcore import</c>, or a Hugging Face safetensors folder, a GGUF file, or a folder with an ONNX
    /// export or its .onnx file, which are imported at first use.
    /// Only the built-in <c>streamcore-demo</c> needs none.</summary>
    public string Path { get; set; } = "";

    /// <summary>Weight format for a model that still has to be imported: <c>int8</c>, <c>int8-32</c>, <c>int4-32</c>,
    /// <c>int4-32-all</c>, <c>int4-128</c>, <c>float32</c>.
    /// When empty, <c>int4-32</c> for a GGUF file or an ONNX export most of whose weights have about four bits or fewer, which can gain nothing by more, and
    /// <c>int8</c> for all else: nearer to the trained weights than four bits, as fast for one client and twice as fast for sixteen
    /// (measured, see <c>load-tests</c>), at about 1.7 times the memory.</summary>
    public string Weights { get; set; } = "";

    /// <summary>
    /// How the model writes its calls of tools: <c>hermes</c>, <c>llama</c>, <c>mistral</c>, <c>json</c>, <c>qwen3coder</c>, <c>glm</c>,
    /// <c>mistralv11</c>, <c>deepseek</c>, <c>deepseekv31</c>, <c>granite</c>, <c>phi4</c>, <c>commandr7b</c>, or <c>none</c>, which refuses tools.
    /// <c>auto</c> by default: told from the chat template, and <c>none</c> where it says nothing known.
    /// </summary>
    public string ToolSyntax { get; set; } = "auto";

    /// <summary>When the model is loaded: <c>start</c>, before the server listens, which is the default, or <c>demand</c>, with the first request for it.</summary>
    public ModelLoad Load { get; set; }

    /// <summary>
    /// How long the model stays loaded without a request. Absent by default: until its memory is needed for another (<see cref="MemoryOptions.Budget"/>).
    /// After that the next request loads it again. 0 unloads it after each.
    /// </summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>
    /// Instead of <see cref="OnnxOptions.Threads"/>, for this model. Steps of several models run side by side only as far as there are
    /// processors for all their threads: by default each takes all, and they take turns.
    /// </summary>
    public int? Threads { get; set; }

    /// <summary>Instead of <see cref="GenerationOptions.DefaultMaxTokens"/>, for this model. Absent by default.</summary>
    public int? DefaultMaxTokens { get; set; }

    /// <summary>Instead of <see cref="GenerationOptions.MaxTokensCeiling"/>, for this model. Absent by default.</summary>
    public int? MaxTokensCeiling { get; set; }
}

/// <summary>When a model is loaded.</summary>
public enum ModelLoad
{
    /// <summary>Before the server listens.</summary>
    Start = 0,

    /// <summary>With the first request for it.</summary>
    Demand,
}

/// <summary>How much memory models may take together.</summary>
public sealed class MemoryOptions
{
    /// <summary>
    /// Bytes that loaded models may take together, weights, caches and working memory: <c>8GB</c>, <c>512MiB</c>. What is needed for
    /// another is got by unloading models that nobody uses, least recently used first. Absent by default: no limit. The program itself
    /// takes some 100 MB beside it.
    /// </summary>
    public long? Budget { get; set; }

    /// <summary>
    /// How long a request waits for its model to be loaded, and for others to end where their memory is needed; then it is refused with 503.
    /// Default 5 min: some hundred GB from a disk, or the longest answers of another model.
    /// </summary>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>What a request gets when it does not say.</summary>
public sealed class GenerationOptions
{
    /// <summary>Most tokens of an answer whose request names no limit. 0: as many as the context holds.</summary>
    public int DefaultMaxTokens { get; set; }

    /// <summary>Most tokens of any answer, whatever the request says. 0: as many as the context holds.</summary>
    public int MaxTokensCeiling { get; set; }

    /// <summary>
    /// The field of chat messages and deltas that holds reasoning: <c>reasoning_content</c> or <c>reasoning</c>; clients expect the one or
    /// the other, and requests may have either. The first by default: more clients read it.
    /// </summary>
    public string ReasoningField { get; set; } = "reasoning_content";
}
