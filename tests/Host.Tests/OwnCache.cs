using System.Runtime.CompilerServices;

namespace StreamCore.Host.Tests;

/// <summary>Imports of these tests' models, in the process and in the programs it starts, go to a folder that ends with the process, not into the user's cache.</summary>
internal static class OwnCache
{
    [ModuleInitializer]
    public static void Begin()
    {
        var folder = Directory.CreateTempSubdirectory("streamcore-cache-").FullName;
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
