namespace StreamCore.Engines.Models;

/// <summary>What a model folder holds.</summary>
public enum ModelFolderKind
{
    /// <summary>A model made by the importer, ready to serve.</summary>
    Imported,

    /// <summary>A Hugging Face folder with safetensors weights, to be imported.</summary>
    Safetensors,

    /// <summary>A folder with an ONNX graph that others exported, to be imported.</summary>
    OnnxExport,
}
