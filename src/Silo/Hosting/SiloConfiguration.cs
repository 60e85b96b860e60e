namespace Vallum.Silo.Hosting;

/// <summary>Where settings come from: a JSON file, over it the environment, over that the command line. Names may be written with or without dashes and underscores.</summary>
internal static class SiloConfiguration
{
    private const string EnvironmentPrefix = "VALLUM_";

    /// <exception cref="InvalidDataException">The file is no JSON.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static void AddSiloSettings(this IConfigurationBuilder configuration, string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        if (file is not null)
        {
            var settings = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false).Build();
            configuration.AddInMemoryCollection(settings.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => Ours(pair.Key, pair.Value)));
        }

        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(variable => ((string)variable.Key).StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(variable => Ours(((string)variable.Key)[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value));
        configuration.AddInMemoryCollection(environment);
        configuration.AddInMemoryCollection(commandLine.Select(pair => Ours(pair.Key, pair.Value)));
    }

    /// <summary>"admin-listen" and "ADMIN_LISTEN" are "Vallum:adminlisten"; case does not matter.</summary>
    private static KeyValuePair<string, string?> Ours(string key, string? value) => KeyValuePair.Create(
        $"{SiloOptions.Section}:{key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal)}", value);
}
