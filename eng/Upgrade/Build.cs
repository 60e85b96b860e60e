namespace Vallum.Upgrade;

/// <summary>One of the two versions: a checked-out tree in which silo and agent are built.</summary>
internal sealed record Build(string Name, string Folder)
{
    public string Silo => Program("Silo", "vallum-silo");

    public string Agent => Program("NodeAgent", "vallum-agent");

    private string Program(string project, string name) => Path.Combine(Folder, "artifacts", "bin", project, "debug", name);
}

/// <summary>Where it all happens.</summary>
/// <param name="Folder">For data and logs.</param>
/// <param name="Address">That silos listen on.</param>
/// <param name="Store">"file", or a Redis as a silo's --redis names it.</param>
internal sealed record Place(string Folder, string Address, string Store)
{
    public string Server(int slot) => $"http://{Address}:{7400 + slot}";

    public string Log(string name) => Path.Combine(Folder, $"{name}.log");
}
