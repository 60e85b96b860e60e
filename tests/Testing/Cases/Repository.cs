namespace Vallum.Testing.Cases;

public static class Repository
{
    /// <summary>The folder that holds ControlPlane.sln, above the running test; null when it runs elsewhere.</summary>
    public static string? Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName;
        }
    }
}
