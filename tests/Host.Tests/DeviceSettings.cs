using System.Collections;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Host.Configuration;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The settings of devices are read as all others, and every mistake is told.</summary>
public sealed class DeviceSettings : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"streamcore-devices-{Guid.NewGuid():N}.yaml");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void All_of_a_device_and_its_models_can_be_set()
    {
        var options = Load("""
            stackFlow:
              journal: tasks.txt
              devices:
                - host: m5stack-LLM.local
                - name: kitchen
                  host: 192.168.20.16
                  port: 10002
                  discover: false
                  models:
                    - model: qwen2.5-0.5B-p256-ax630c
                      name: small
                      poolSize: 1
                      sampling: fixed
                      temperature: 0.7
                      systemPrompt: setup
                      prompt: Be brief.
                      maxPromptTokens: 200
                      memory: 500MB
              models:
                - model: qwen3-0.6B-ax630c
                  estimate: safe
            pools:
              queueCapacity: 10
              unreachableTimeout: 5s
            aliases:
              assistant: whatever-a-device-has
            """);
        var devices = options.StackFlow.Devices;
        Assert.Equal([("m5stack-LLM.local", 10001, true), ("192.168.20.16", 10002, false)], devices.Select(device => (device.Host, device.Port, device.Discover)));
        var model = Assert.Single(devices[1].Models);
        Assert.Equal(("small", 1, DeviceSampling.Fixed, 0.7, SystemPromptPlace.Setup), (model.Name, model.PoolSize, model.Sampling, model.Temperature, model.SystemPrompt));
        Assert.Equal(("Be brief.", 200, 500_000_000L), (model.Prompt, model.MaxPromptTokens, model.Memory));
        Assert.Equal((10, TimeSpan.FromSeconds(5)), (options.Pools.QueueCapacity, options.Pools.UnreachableTimeout));
    }

    [Fact]
    public void Every_mistake_is_told()
    {
        var fault = Assert.Throws<ConfigurationException>(() => Load("""
            stackFlow:
              journal: /nowhere/at/all/tasks.txt
              pingInterval: 0
              devices:
                - port: 10001
                - host: http://device
                  port: 70000
                - host: a
                  discover: false
                  models:
                    - name: x
                      unit: lm
                      poolSize: 0
                      tokenizer: /nowhere
                - host: b
                  models:
                    - model: m
                      temperature: 1
                    - model: m
                - host: b
            """));
        Assert.Equal(
            [
                "stackFlow.journal: there is no folder '/nowhere/at/all'.",
                "stackFlow.pingInterval must be positive.",
                "stackFlow.devices[0].host is missing: give the device's name or address.",
                "stackFlow.devices[1].host: 'http://device' is no host name or address; the port goes into stackFlow.devices[1].port.",
                "stackFlow.devices[1].port must be between 1 and 65535, but is 70000.",
                "stackFlow.devices[2].models[0]: The field PoolSize must be between 1 and 64.",
                "stackFlow.devices[2].models[0].model is missing: give the device's name for it.",
                "stackFlow.devices[2].models[0].unit must be one of llm, vlm, whisper, asr, melotts, tts, cosy_voice, but is 'lm'.",
                "stackFlow.devices[2].models[0].tokenizer: there is no folder or file '/nowhere'.",
                "stackFlow.devices[3].models[0]: temperature, topP and topK are of use with sampling: fixed only; requests bring their own otherwise.",
                "stackFlow.devices[3].models[1].model: 'm' is named twice.",
                "stackFlow.devices[4]: b:10001 is named twice.",
            ],
            fault.Mistakes);
    }

    [Fact]
    public void Settings_of_models_without_a_device_are_a_mistake() => Assert.Equal(
        ["stackFlow.models has settings of models, but stackFlow.devices names no device."],
        Assert.Throws<ConfigurationException>(() => Load("stackFlow:\n  models:\n    - model: m\n")).Mistakes);

    private StreamCoreOptions Load(string yaml)
    {
        File.WriteAllText(_file, yaml);
        return StreamCoreConfiguration.Load(["--config", _file], new Hashtable());
    }
}
