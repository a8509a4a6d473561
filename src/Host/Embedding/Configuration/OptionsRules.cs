using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Host.Composition;
using StreamCore.Host.Security;

namespace StreamCore.Host.Configuration;

/// <summary>Rules that a type cannot state, and rules across settings. Adds every mistake, not the first.</summary>
internal static class OptionsRules
{
    /// <exception cref="ConfigurationException">Something is wrong; the message has one line a mistake.</exception>
    public static void Validate(StreamCoreOptions options)
    {
        var mistakes = new List<string>();
        Check(options, mistakes);
        if (mistakes.Count > 0) throw new ConfigurationException(mistakes);
    }

    public static void Check(StreamCoreOptions options, List<string> mistakes)
    {
        CheckServer(options.Server, mistakes);
        CheckModels(options, mistakes);
        if (options.Generation.DefaultMaxTokens < 0) mistakes.Add("generation.defaultMaxTokens must not be negative.");
        if (options.Generation.MaxTokensCeiling < 0) mistakes.Add("generation.maxTokensCeiling must not be negative.");
        if (options.Generation.ReasoningField is not ("reasoning_content" or "reasoning"))
            mistakes.Add($"generation.reasoningField must be reasoning_content or reasoning, but is '{options.Generation.ReasoningField}'.");
        if (options.Memory.Budget is <= 0) mistakes.Add("memory.budget must be positive; leave it out for no limit.");
        if (options.Memory.LoadTimeout <= TimeSpan.Zero || options.Memory.LoadTimeout > TimeSpan.FromDays(1))
            mistakes.Add("memory.loadTimeout must be positive, and no more than 24h.");
        mistakes.AddRange(options.Http.Validate().Select(fault => "http: " + fault));
        mistakes.AddRange(options.Scheduler.Faults().Select(fault => "scheduler: " + fault));
        CheckRanges("scheduler", options.Scheduler, mistakes);
        CheckRanges("scheduler.speculation", options.Scheduler.Speculation, mistakes);
        CheckRanges("pools", options.Pools, mistakes);
        DeviceRules.Check(options.StackFlow, mistakes);
    }

    internal static void CheckRanges(string group, object options, List<string> mistakes)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        mistakes.AddRange(found.Select(fault => $"{group}: {fault.ErrorMessage}"));
    }

    private static void CheckServer(ListenOptions server, List<string> mistakes)
    {
        if (server.Port is < 0 or > 65535) mistakes.Add($"server.port must be between 0 and 65535, but is {server.Port}.");
        if (server.UnixSocket.Length > 0 && !IsSocketPath(server.UnixSocket)) mistakes.Add($"server.unixSocket: '{server.UnixSocket}' is too long for a socket's path.");
        if (server.Tls.Certificate.Length == 0 && server.Tls.Key.Length > 0) mistakes.Add("server.tls.key is given without server.tls.certificate.");
        foreach (var address in server.Listen.Where(a => !IPAddress.TryParse(a, out _)))
            mistakes.Add($"server.listen: '{address}' is not an IP address.");
        foreach (var origin in server.CorsOrigins.Where(o => !Cors.IsOrigin(o)))
            mistakes.Add($"server.corsOrigins: '{origin}' is not an origin: give scheme, host and port without a path, such as https://chat.example.com, or *.");
        CheckKeys(server, mistakes);
    }

    private static bool IsSocketPath(string path)
    {
        try { return new UnixDomainSocketEndPoint(path) is not null; }
        catch (ArgumentException) { return false; }
    }

    /// <summary>Replaces keys by their hashes; never tells a key.</summary>
    private static void CheckKeys(ListenOptions server, List<string> mistakes)
    {
        for (var i = 0; i < server.ApiKeys.Count; i++)
        {
            var key = server.ApiKeys[i];
            if (string.IsNullOrWhiteSpace(key)) mistakes.Add($"server.apiKeys[{i}] is empty.");
            else if (ApiKeys.IsHash(key) && !ApiKeys.IsValidHash(key)) mistakes.Add($"server.apiKeys[{i}]: after 'sha256:' there must be 64 hexadecimal digits.");
            else server.ApiKeys[i] = ApiKeys.Hashed(key);
        }

        if (server.ApiKeys.Count == 0 && !server.AllowAnonymous && server.Beyond() is { Length: > 0 } wider)
            mistakes.Add($"server.listen opens the server to other machines ({wider}), but it asks for no key: set server.apiKeys, or server.allowAnonymous: true.");
    }

    /// <summary>The addresses that others than this machine can reach, in words.</summary>
    public static string Beyond(this ListenOptions server) =>
        string.Join(", ", server.Listen.Where(text => IPAddress.TryParse(text, out var address) && !IPAddress.IsLoopback(address)));

    private static void CheckModels(StreamCoreOptions options, List<string> mistakes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Models.Count; i++)
        {
            var model = options.Models[i];
            if (model.ToolSyntax != ToolSyntaxes.Auto && !ToolSyntaxes.TryParse(model.ToolSyntax, out _))
                mistakes.Add($"models[{i}].toolSyntax must be one of {ToolSyntaxes.Names}, but is '{model.ToolSyntax}'.");
            if (model.KeepAlive < TimeSpan.Zero) mistakes.Add($"models[{i}].keepAlive must not be negative; leave it out to keep the model.");
            if (model.Threads is <= 0) mistakes.Add($"models[{i}].threads must be positive; leave it out for engine.threads.");
            if (model.Path.Length == 0 && model.Name == BuiltInModel.Name) { names.Add(model.Name); continue; }
            if (model.Path.Length == 0) mistakes.Add($"models[{i}].path is missing: give the model's folder, GGUF file or ONNX file.");
            else if (!Path.Exists(model.Path)) mistakes.Add($"models[{i}].path: there is no folder or file '{model.Path}'.");
            if (model.Name.Length == 0 && model.Path.Length > 0) model.Name = ModelImporter.NameOf(model.Path);
            if (model.Name.Length > 0 && !names.Add(model.Name)) mistakes.Add($"models[{i}].name: '{model.Name}' is used twice.");
            if (model.DefaultMaxTokens < 0) mistakes.Add($"models[{i}].defaultMaxTokens must not be negative.");
            if (model.MaxTokensCeiling < 0) mistakes.Add($"models[{i}].maxTokensCeiling must not be negative.");
            if (model.Weights.Length > 0 && !WeightFormats.TryParse(model.Weights, out _))
                mistakes.Add($"models[{i}].weights must be one of {WeightFormats.Names}, but is '{model.Weights}'.");
        }

        foreach (var (alias, target) in options.Aliases)
        {
            // What devices have is not known yet.
            if (names.Count > 0 && options.StackFlow.Devices.Count == 0 && !names.Contains(target)) mistakes.Add($"aliases: '{alias}' stands for '{target}', which is not among the models.");
            if (names.Contains(alias)) mistakes.Add($"aliases: '{alias}' is the name of a model too.");
        }
    }
}
