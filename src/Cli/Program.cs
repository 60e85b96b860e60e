using Vallum.Cli;

return await VallumCommand.RunAsync(args, Console.Out, Console.Error);
