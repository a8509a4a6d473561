using StreamCore.LoadTests;
using StreamCore.Transport.Sockets;

// What is done with a piece of an answer is short, so it is done on the thread that received it.
IoThreads.ServeOnThem();
try
{
    switch (args)
    {
        case ["run", .. var flags]: return await Commands.RunAsync(flags);
        case ["compare", .. var flags]: return await Commands.CompareAsync(flags);
        case ["report", .. var flags]: return Commands.Report(flags);
        case ["stub", .. var flags]: return await Commands.StubAsync(flags);
        case ["help" or "--help" or "-h"]:
            Console.WriteLine(Commands.Help);
            return 0;
        default:
            Console.Error.WriteLine(Commands.Help);
            return 2;
    }
}
catch (UsageException fault)
{
    Console.Error.WriteLine("driver: " + fault.Message);
    return 2;
}
