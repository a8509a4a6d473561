namespace StreamCore.Server.Commands;

/// <summary>What the program can do, on one screen.</summary>
internal static class Help
{
    private const string Text = """
        streamcore [serve] [flags]     serve models over the OpenAI API (the built-in streamcore-demo when none is named)
            --model PATH               a model's folder, GGUF or ONNX file; --name NAME and --weights FORMAT go with it
            --port 8000                --listen 127.0.0.1,::1
            --config streamcore.yaml   any setting of the file is a flag too: --scheduler.queueCapacity 64
        streamcore import PATH [--to FOLDER] [--weights FORMAT]
                                       import a Hugging Face safetensors folder, a GGUF file or an ONNX export for serving;
                                       formats of weights: int8, int8-32, int4-32, int4-32-all, int4-128, float32
        streamcore import-config CONFIG.YAML [--to streamcore.yaml]
                                       take over the configuration of ModuleLLM-OpenAI-Plugin, and tell what of it
        streamcore evaluate PATH --text FILE [--weights FORMAT,FORMAT] [--context 512] [--tokens N] [--json FILE]
                                       what weight formats cost: perplexity on a text, and the distance from float32;
                                       an imported folder is compared with --reference PATH
        streamcore make-model FOLDER --shape NAME [--seed 1] [--gguf F32|F16|Q8_0|Q4_0]
                                       write a random-weight model of a known shape, for measurements; also as a GGUF file
        streamcore stackflow-sim [--port 10001] [--devices N] [--pace real|fast] [--seed N] [--fault NAME[=CHANCE]]...
                                       simulate StackFlow devices to try things with; --list-faults tells what can go wrong
        """;

    public static int Print()
    {
        Console.WriteLine(Text);
        return 0;
    }

    public static int Refuse(string command)
    {
        Console.Error.WriteLine($"streamcore: there is no command '{command}'.");
        Console.Error.WriteLine(Text);
        return 2;
    }
}
