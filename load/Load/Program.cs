using System.CommandLine;
using Vallum.Load;

// What a command has started, silos and namespaces, is ended before the program is.
return await LoadCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
