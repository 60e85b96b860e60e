using Vallum.Silo.Hosting;

return await SiloCommand.RunAsync(args, SiloProcess.RunAsync);
