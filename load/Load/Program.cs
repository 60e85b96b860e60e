using Vallum.Load;

return await LoadCommand.Create().Parse(args).InvokeAsync();
